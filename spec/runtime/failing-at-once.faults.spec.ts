import { failsAtOnce } from '../support/fails-at-once.ts'

describe('10,000 pending calls of the store that fail in one tick, five times', function () {
  this.timeout(600_000)

  it('park only what fails by itself, and no supervisor is asked', async () => {
    await failsAtOnce({ talking: 9_900, ill: 100 })
  })
})
