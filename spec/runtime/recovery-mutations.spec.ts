import assert from 'node:assert/strict'
import { runMutations, runWithoutEach, type Tally } from '../support/mutation-run.ts'

/** Nobody is left without an answer, and no core is lost that was whole. */
function holds(tally: Tally): void {
  assert.deepEqual(tally.wedged, [])
  assert.deepEqual(tally.coreLost, [])
  assert.deepEqual(tally.heldBack, [])
}

describe('records damaged in every way', function () {
  this.timeout(120_000)

  it('2,000 of them wedge nobody and lose no core that was whole', async () => {
    const tally = await runMutations('memory', { count: 2_000, seed: 1 })
    holds(tally)
    assert.equal(tally.mutations, 2_000)
    assert.deepEqual(Object.keys(tally.kinds).toSorted(), [
      'bitFlip',
      'future',
      'missing',
      'truncated',
      'wrongType'
    ])
    for (const rung of [1, 2, 3]) assert.ok((tally.rungs[rung] ?? 0) > 200, `rung ${rung}`)
    assert.ok(tally.waiting.future > 200)
    assert.ok(tally.coreDamaged > 0)
  })

  it('each field left out once, at every place, does neither', async () => {
    const tally = await runWithoutEach('memory')
    holds(tally)
    assert.ok(tally.mutations > 250)
  })

  it('on the embedded store, too', async () => {
    const tally = await runMutations('lmdb', { count: 120, seed: 2 })
    holds(tally)
    assert.equal(tally.mutations, 120)
  })
})
