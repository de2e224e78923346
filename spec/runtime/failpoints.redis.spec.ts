import assert from 'node:assert/strict'
import { type FailHouse, failHouse } from '../support/failpoints/fail-house.ts'
import { underFailure } from '../support/failpoints/plans.ts'

describe('two processes of one Redis, each killed at some places', () => {
  let house: FailHouse
  before(async () => {
    house = await failHouse({ store: 'redis', processes: 2 })
  })
  after(() => house?.end())

  it('lose nothing and do nothing twice', async () => {
    const points = ['sent', 'took', 'called']
    const { hits, tally } = await underFailure(house, { name: 'some', points, within: 6 })
    const { lost, doubled, violations } = tally

    assert.deepEqual({ lost, doubled, violations }, { lost: [], doubled: [], violations: [] })
    assert.equal(hits, points.length)
  })
})
