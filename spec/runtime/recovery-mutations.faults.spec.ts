import assert from 'node:assert/strict'
import { runMutations } from '../support/mutation-run.ts'

describe('records damaged in every way, at length', function () {
  this.timeout(600_000)

  it('10,000 of them wedge nobody and lose no core that was whole', async () => {
    const tally = await runMutations('memory', { count: 10_000, seed: 20_260_105 })
    const { wedged, coreLost, heldBack, rowsLost, ...figures } = tally
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    const wrong = { wedged, coreLost, heldBack, rowsLost }
    assert.deepEqual(wrong, { wedged: [], coreLost: [], heldBack: [], rowsLost: [] })
    assert.equal(tally.mutations, 10_000)
  })
})
