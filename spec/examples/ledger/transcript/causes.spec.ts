import assert from 'node:assert/strict'
import { Causes } from '../../../../examples/ledger/transcript/causes.ts'

describe('what is seen belongs', () => {
  it('to the entry at its root, among those handed in together', () => {
    const causes = new Causes(['m1', 'm2', 'm3'])
    causes.play([1, 2])
    assert.deepEqual([causes.entryOf('m3'), causes.entryOf('m2')], [2, 1])
  })

  it('to the first being played, when its root is over or is no entry', () => {
    const causes = new Causes(['m1', 'm2', 'm3'])
    causes.play([1, 2])
    assert.deepEqual(
      [causes.entryOf('m1'), causes.entryOf('session@5'), causes.entryOf(null)],
      [1, 1, 1]
    )
  })

  it('to the restart, when it comes after it and its root was before', () => {
    const causes = new Causes(['m1', 'm2', 'r1', 'm3'])
    causes.play([1, 2, 3])
    assert.equal(causes.entryOf('m2'), 1)
    causes.restarted(2)
    assert.deepEqual(
      [causes.entryOf('m1'), causes.entryOf('m2'), causes.entryOf('m3'), causes.entryOf(null)],
      [2, 2, 3, 2]
    )
    causes.play([3])
    assert.equal(causes.entryOf('m1'), 3)
  })

  it('to the delivery of an id that is played, not to the earlier one', () => {
    const causes = new Causes(['m1', 'm2', 'm1'])
    causes.play([2])
    assert.equal(causes.entryOf('m1'), 2)
    assert.deepEqual(causes.indicesOf('m1'), [0, 2])
  })

  it('to the first delivery, when both are handed in together', () => {
    const causes = new Causes(['m1', 'm1'])
    causes.play([0, 1])
    assert.equal(causes.entryOf('m1'), 0)
  })
})
