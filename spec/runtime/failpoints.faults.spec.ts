import assert from 'node:assert/strict'
import { type FailHouse, houseOfSuite } from '../support/failpoints/fail-house.ts'
import { type FailPlan, PLANS, underFailure } from '../support/failpoints/plans.ts'

const HOUSES = [
  { store: 'lmdb', processes: 1 },
  { store: 'lmdb', processes: 2 },
  { store: 'redis', processes: 1 },
  { store: 'redis', processes: 2 }
] as const

/** Runs of one event by the policy: after so many ends in them it is parked. */
const ATTEMPTS = 4

for (const options of HOUSES)
  describe(`${options.processes} under kill -9 on ${options.store}`, () => {
    const house = houseOfSuite(options)

    for (const plan of PLANS)
      it(`${plan.name}: nothing is lost, nothing is done twice`, async () => {
        await proved(house(), plan)
      })
  })

async function proved(house: FailHouse, plan: FailPlan): Promise<void> {
  const { hits, tally } = await underFailure(house, plan)
  const { lost, doubled, violations, duplicates, parked, ...counts } = tally
  process.stdout.write(
    `      ${JSON.stringify({ hits, ...counts, duplicateOffers: duplicates.length, parked })}\n`
  )
  assert.deepEqual({ lost, doubled, violations }, { lost: [], doubled: [], violations: [] })
  assert.ok(hits >= plan.points.length)
  // What is in the way of one end after another is taken for their cause.
  const innocent = parked.filter(said => !said.startsWith('poison'))
  if ((plan.random ?? 0) < ATTEMPTS) assert.deepEqual(innocent, [])
}
