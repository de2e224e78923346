import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Policy } from '../../lib/supervision/policy.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { mostRuns, policies, quickened } from '../support/policies.ts'

/** How often deciding an event fails; 99 for always. */
const plans = fc.array(fc.constantFrom(0, 0, 1, 2, 5, 99), { minLength: 1, maxLength: 12 })
/** Which resets fail, over and over. */
const resets = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })

describe('any sequence of failures under any policy', () => {
  it('never exceeds the bound of runs, never reorders, never loses an event', async () => {
    await fc.assert(
      fc.asyncProperty(policies, plans, resets, fc.boolean(), async (policy, ...life) => {
        await lived(quickened(policy), ...life)
      }),
      { numRuns: 60 }
    )
  }).timeout(60_000)
})

async function lived(
  policy: Policy,
  events: readonly number[],
  failing: readonly boolean[],
  isBurst: boolean
): Promise<void> {
  const runs = new Map<string, number>()
  const world = aWorld()
  let tried = 0
  const bot = chainProgram({
    hook: (_state, { id }) => {
      const run = (runs.get(id) ?? 0) + 1
      runs.set(id, run)
      if (run <= (events[Number(id.slice(1))] ?? 0)) throw new Error('planned')
      return undefined
    },
    onReset: () => {
      tried += 1
      if (failing[tried % failing.length] === true) throw new Error('planned')
    }
  })
  const process = await world.start({ bot, policy })
  const receipts = new Map<string, string>()
  for (const index of events.keys()) {
    const id = `m${index}`
    void process.say(id).then(({ tag }) => receipts.set(id, tag))
    if (!isBurst) await world.settle()
  }
  await world.settle()

  const ids = events.map((_, index) => `m${index}`)
  for (const id of ids) {
    const most = mostRuns(policy)
    assert.ok((runs.get(id) ?? 0) <= most, `${id} ran ${runs.get(id)} times, at most ${most}`)
  }
  await accounted(world, process, ids, receipts)
}

/** Every event ended once: as an effect, parked, waiting in its order, or shed and never stored. */
async function accounted(
  world: World,
  process: Process,
  ids: readonly string[],
  receipts: ReadonlyMap<string, string>
): Promise<void> {
  const rows = await world.model.parked(process.chat().id)
  const parked = rows.map(row => (JSON.parse(row) as { id: string }).id)
  const { held, waiting = 0 } = (await process.chat().inspect()) ?? {}
  const ended: Record<string, string[]> = { committed: [], parked: [], deferred: [], shed: [] }
  for (const id of ids) ended[receipts.get(id) ?? 'lost']?.push(id)
  const { committed = [], deferred = [], parked: given = [], shed = [] } = ended
  assert.equal(committed.length + deferred.length + given.length + shed.length, ids.length)
  assert.deepEqual(parked, given)
  assert.equal(waiting, deferred.length)
  if (deferred.length > 0) assert.ok(held !== undefined)
  // What waits is a tail of all that came: nothing passed it.
  const last = ids.slice(ids.length - deferred.length - shed.length)
  assert.deepEqual([...deferred, ...shed].sort(byNumber), last)
  const taken = process.turns.filter(({ event }) => committed.includes(event.id))
  assert.deepEqual(
    taken.map(({ event }) => event.id),
    committed
  )
}

function byNumber(left: string, right: string): number {
  return Number(left.slice(1)) - Number(right.slice(1))
}
