import assert from 'node:assert/strict'
import { Unwoken } from '../../lib/timers/unwoken.ts'

const HERE = (): boolean => false

describe('those that could not be woken in their turn', () => {
  it('are kept in the order in which they were claimed', () => {
    const unwoken = new Unwoken(9)
    for (const [id, turn] of Object.entries({ c: 3, a: 1, b: 2 })) unwoken.keep({ id, turn }, 0)

    const ids = unwoken.ready(0, HERE).map(({ id }) => id)

    assert.deepEqual(ids, ['a', 'b', 'c'])
  })

  it('are ready from their time on, and where the store is not away', () => {
    const unwoken = new Unwoken(9)
    unwoken.keep({ id: 'now', turn: 1 }, 100)
    unwoken.keep({ id: 'later', turn: 2 }, 200)

    assert.deepEqual(unwoken.ready(99, HERE), [])
    assert.deepEqual(
      unwoken.ready(200, id => id === 'now').map(({ id }) => id),
      ['later']
    )
    unwoken.drop('later')
    assert.deepEqual(
      unwoken.ready(200, HERE).map(({ id }) => id),
      ['now']
    )
  })

  it('are no more than the bound, the rest is left to the end of its lease', () => {
    const unwoken = new Unwoken(2)
    for (let turn = 0; turn < 5; turn += 1) unwoken.keep({ id: `c${turn}`, turn }, 0)

    const ids = unwoken.ready(0, HERE).map(({ id }) => id)

    assert.deepEqual(ids, ['c0', 'c1'])
  })
})
