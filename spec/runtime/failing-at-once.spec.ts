import { failsAtOnce } from '../support/fails-at-once.ts'

describe('200 pending calls of the store that fail in one tick, five times', function () {
  this.timeout(20_000)

  it('park only what fails by itself, and no supervisor is asked', async () => {
    await failsAtOnce({ talking: 190, ill: 10 })
  })
})
