import assert from 'node:assert/strict'
import { houseOfSuite } from '../support/failpoints/fail-house.ts'
import { underFailure } from '../support/failpoints/plans.ts'

describe('two processes of one Redis, each killed at some places', () => {
  const house = houseOfSuite({ store: 'redis', processes: 2 })

  it('lose nothing and do nothing twice', async () => {
    const points = ['sent', 'took', 'called']
    const { hits, tally } = await underFailure(house(), { name: 'some', points, within: 6 })
    const { lost, doubled, violations } = tally

    assert.deepEqual({ lost, doubled, violations }, { lost: [], doubled: [], violations: [] })
    assert.equal(hits, points.length)
  })
})
