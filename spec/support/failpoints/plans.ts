import assert from 'node:assert/strict'
import type { FailHouse } from './fail-house.ts'
import type { Blow } from './failpoints.ts'
import { Talk } from './talk.ts'
import { type Tally, tallied } from './tally.ts'

/** Hits at some places while members talk, and what they say. */
export interface FailPlan {
  readonly name: string
  readonly points: readonly string[]
  readonly words?: readonly string[]
  readonly blow?: Blow
  /** The server is asked to end, and is hit meanwhile. */
  readonly term?: boolean
  /** It is hit at one of so many arrivals; default 12. */
  readonly within?: number
  /** So many kills at random moments instead. */
  readonly random?: number
  /** The bot has a newer schema from now on. */
  readonly migrates?: boolean
}

/** What members say who talk as members do. */
export const ORDINARY = ['hi', 'hi', 'three', 'call pay', 'remind 50']
const MEMBERS = 5
const NEWCOMERS = 24

/** One plan for each crash point of the pipeline, from the socket to the end of the process. */
export const PLANS: readonly FailPlan[] = [
  { name: 'A1 read, not parsed', points: ['read'] },
  { name: 'A2 signature checked', points: ['signed'] },
  { name: 'A3 many in the mailbox', points: ['queued'], words: ['burst', 'hi'], within: 1 },
  { name: 'A4 in the middle of a decision', points: ['handler'] },
  { name: 'A5 decided, not committed', points: ['committing'] },
  { name: 'A6 commit sent, not answered', points: ['sent', 'sent'] },
  { name: 'A7 committed, not acknowledged', points: ['committed', 'unacknowledged'] },
  { name: 'A8 acknowledged, not offered', points: ['acked'] },
  { name: 'A9 taken by the provider, not marked', points: ['took'] },
  { name: 'A10 between two replies', points: ['between'], words: ['three', 'hi'] },
  { name: 'A11 around a call', points: ['calling', 'called'], words: ['call pay', 'hi'] },
  { name: 'A12 timer due', points: ['claimed', 'timer'], words: ['remind 50', 'hi'], within: 5 },
  { name: 'A13 parking', points: ['parking', 'parked'], words: ['poison', 'hi', 'hi'], within: 3 },
  { name: 'A15 a crash loop', points: [], random: 8 },
  {
    name: 'A16 asked to end',
    points: ['stopping', 'committing', 'closing'],
    term: true,
    within: 1
  },
  { name: 'A17 an exception', points: ['turn'], blow: 'throw' },
  { name: 'A17 a rejection', points: ['turn'], blow: 'reject' },
  {
    name: 'A14 migrating a record',
    points: ['migrating', 'migrated', 'migration stored'],
    migrates: true
  }
]

/** Members talk while servers are hit; then everything ends, and is counted. */
export async function underFailure(
  house: FailHouse,
  plan: FailPlan
): Promise<{ hits: number; tally: Tally }> {
  const talk = new Talk(house)
  const before = house.hits
  const name = `1${PLANS.indexOf(plan) + 1}0`
  if (plan.migrates === true) await migrating(house, talk, plan, name)
  else {
    const talking = talk.members(MEMBERS, name, plan.words ?? ORDINARY)
    try {
      await Promise.race([talking, hitting(house, plan)])
    } finally {
      talk.over()
    }
    await talking
  }
  return { hits: house.hits - before, tally: await tallied(house, talk) }
}

async function hitting(
  house: FailHouse,
  { points, random = 0, within = 12, ...how }: FailPlan
): Promise<void> {
  for (const point of points) {
    const at = 1 + Math.floor(house.random.fraction() * within)
    await house.hit(point, { ...how, at })
  }
  for (let kill = 0; kill < random; kill += 1) {
    await new Promise(done => setTimeout(done, house.random.fraction() * 400))
    await house.kill()
  }
}

/** Members of the old schema write to the new one, one after the other. */
async function migrating(
  house: FailHouse,
  talk: Talk,
  { points }: FailPlan,
  name: string
): Promise<void> {
  const users = Array.from({ length: NEWCOMERS }, (_, index) => `${name}${index}`)
  await Promise.all(users.map(user => talk.say(user, 'three')))
  await house.stopAll()
  house.schema = 2
  await house.startAll()
  const before = house.hits
  const hits = async (): Promise<void> => {
    for (const point of points) await house.hit(point)
  }
  const talking = async (): Promise<void> => {
    for (const user of users) await talk.say(user, 'hi')
  }
  await Promise.all([hits(), talking()])
  assert.equal(house.hits - before, points.length)
}
