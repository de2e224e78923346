import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { type FailHouse, houseOfSuite } from '../support/failpoints/fail-house.ts'
import { Talk } from '../support/failpoints/talk.ts'
import { tallied } from '../support/failpoints/tally.ts'

const FROZEN_MS = Number(process.env['FROZEN_MS'] ?? 30_000)
const AHEAD_MS = 3_600_000
/** What was taken is marked in the store by then. */
const MARKED_MS = 1_500
/** Clocks of one machine, read as whole milliseconds. */
const ROUNDED_MS = 2
const [FROZEN, OTHER] = [0, 1]

interface Reminder {
  readonly text: string
  readonly dueMs: number
}

/** Asks for reminders that fall due before, while and after a process stands still. */
async function reminded(talk: Talk): Promise<readonly Reminder[]> {
  const made: Reminder[] = []
  for (const share of [0.2, 0.5, 0.9, 1.1, 1.3]) {
    const afterMs = MARKED_MS + Math.round(FROZEN_MS * share)
    const saidMs = Date.now()
    await talk.say(`177${made.length}`, `remind ${afterMs}`)
    made.push({ text: `timer ${talk.said.at(-1)?.id}`, dueMs: saidMs + afterMs })
  }
  return made
}

/** Stops a process at this place in the answer to one member, who goes on with the other one. */
async function frozenAt(house: FailHouse, talk: Talk, point: string): Promise<void> {
  const program = house.processes[FROZEN]
  assert.ok(program)
  await house.arm(point, 1, 'freeze', FROZEN)
  house.target = FROZEN
  const hanging = talk.say('1666', 'three')
  await program.event('hit')
  house.target = OTHER
  const thaw = setTimeout(FROZEN_MS).then(() => {
    program.continue()
    return program.event('thawed')
  })
  // The provider does not wait: what the member says next goes to the other process.
  const onwards = (async () => {
    for (const word of ['hi', 'three', 'remind 50', 'hi']) {
      await talk.say('1666', word)
      await setTimeout(FROZEN_MS / 8)
    }
  })()
  await Promise.all([thaw, onwards])
  await hanging
  house.target = null
  await Promise.all(['1666', '1777'].map(async user => talk.say(user, 'three')))
}

for (const point of ['offering', 'between', 'committed', 'committing'])
  describe(`a process that stands still for ${FROZEN_MS / 1_000} s, "${point}"`, () => {
    const env = { AHEAD_MS: String(AHEAD_MS) }
    const suite = houseOfSuite({ store: 'redis', processes: 2, env })

    it('and then is an hour ahead repeats one reply at most, and wakes nobody early', async () => {
      const house = suite()
      const talk = new Talk(house)
      await Promise.all(['1666', '1777'].map(async user => talk.say(user, 'hi')))
      await house.settled()
      const reminders = await reminded(talk)
      await setTimeout(MARKED_MS)

      const frozenMs = Date.now()
      await frozenAt(house, talk, point)
      const { lost, doubled, violations, duplicates } = await tallied(house, talk)
      const stale = duplicates.filter(({ atMs }) => atMs >= frozenMs).map(({ text }) => text)

      const late = reminders.map(({ text, dueMs }) => house.heardMs(text) - dueMs)
      process.stdout.write(`      ${JSON.stringify({ stale, late })}\n`)
      assert.deepEqual({ lost, doubled, violations }, { lost: [], doubled: [], violations: [] })
      assert.ok(stale.length <= 1)
      assert.ok(Math.min(...late) >= -ROUNDED_MS)
    })
  })
