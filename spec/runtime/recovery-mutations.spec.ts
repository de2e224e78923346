import assert from 'node:assert/strict'
import {
  runBrokenInvariants,
  runMutations,
  runWithoutEach,
  type Tally
} from '../support/mutation-run.ts'

/** Nobody is left without an answer, and no core is lost that was whole. */
function holds(tally: Tally): void {
  assert.deepEqual(tally.wedged, [])
  assert.deepEqual(tally.coreLost, [])
  assert.deepEqual(tally.heldBack, [])
  assert.deepEqual(tally.rowsLost, [])
}

describe('records damaged in every way', function () {
  this.timeout(120_000)

  it('800 of them wedge nobody and lose no core that was whole', async () => {
    const tally = await runMutations('memory', { count: 800, seed: 1 })
    holds(tally)
    assert.equal(tally.mutations, 800)
    assert.deepEqual(Object.keys(tally.kinds).toSorted(), [
      'bitFlip',
      'future',
      'missing',
      'row',
      'truncated',
      'wrongType'
    ])
    for (const rung of [1, 2, 3]) assert.ok((tally.rungs[rung] ?? 0) > 100, `rung ${rung}`)
    assert.ok(tally.waiting.future > 100)
    assert.ok(tally.coreDamaged > 0)
    for (const what of ['reply', 'inbox', 'call']) assert.ok(tally.setAside[what], what)
  })

  it('each field left out once, at every place, does neither (B14)', async () => {
    const tally = await runWithoutEach('memory')
    holds(tally)
    assert.ok(tally.mutations > 250)
  })

  it('each invariant broken once, at every place, does neither', async () => {
    const tally = await runBrokenInvariants('memory')
    holds(tally)
    assert.equal(tally.rungs[1], undefined)
    assert.ok(tally.mutations > 12, String(tally.mutations))
  })

  it('on the embedded store, too', async () => {
    const tally = await runMutations('lmdb', { count: 30, seed: 2 })
    holds(tally)
    assert.equal(tally.mutations, 30)
  })
})
