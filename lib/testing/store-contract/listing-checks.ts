import assert from 'node:assert/strict'
import type { ConversationStore, Listing } from '../../store/conversation-store.ts'
import { aCommit, anEpoch, begun, done, fact, grown, type StoreCheck } from './store-check.ts'

const MINUTE_MS = 60_000
const base = 1_800_000_000_000

/** Who is parked, who is held, and how many there are of each. */
export const listingChecks: readonly StoreCheck[] = [
  fact('who has parked rows is listed by the last of them, the newest first', async store => {
    const ids: string[] = []
    for (let at = 0; at < 3; at += 1) {
      ids.push((await begun(store, { activeMs: base + at * MINUTE_MS, park: 'p' })).id)
    }
    const { id: other } = await begun(store)
    const [first, second, third] = ids

    const { fence } = await store.load(first!)
    const again = { activeMs: base + 9 * MINUTE_MS }
    const parked = await grown(store, first!, fence, [{ ...again, park: 'p' }])
    await grown(store, first!, parked, [{ activeMs: base + 20 * MINUTE_MS }])

    const listed = await walked((cursor, limit) => store.parkedList(cursor, limit))
    assert.deepEqual(
      listed.filter(id => ids.includes(id)),
      [first, third, second]
    )
    assert.ok(!listed.includes(other))
  }),
  fact('a record that could not be read is listed as parked', async store => {
    const { id, fence } = await begun(store)
    await grown(store, id, fence, [{ unreadable: 'raw' }])

    assert.ok((await walked((cursor, limit) => store.parkedList(cursor, limit))).includes(id))
  }),
  fact('who is held is listed until a commit frees it', async store => {
    const held = async (id: string): Promise<boolean> =>
      (await walked((cursor, limit) => store.heldList(cursor, limit))).includes(id)
    const { id, fence } = await begun(store)
    assert.equal(await held(id), false)

    const holding = await grown(store, id, fence, [{ held: true }, {}, { park: 'p' }])
    assert.equal(await held(id), true)
    const free = await grown(store, id, holding, [{ held: false }])
    assert.equal(await held(id), false)
    await grown(store, id, free, [
      { held: true, activeMs: base },
      { held: true, activeMs: 2 * base }
    ])
    assert.equal(await held(id), true)
    const { fence: last } = await store.load(id)
    await grown(store, id, last, [{ held: false }])
    assert.equal(await held(id), false)
  }),
  fact('what is erased is in no list', async store => {
    const { id, fence } = await begun(store, { held: true, park: 'p', dueMs: 5 })
    const before = await store.stats()

    await store.erase(id, fence.epoch, anEpoch())

    assert.deepEqual(difference(await store.stats(), before), [-1, -1, -1, -1, -1])
    assert.ok(!(await walked((cursor, limit) => store.parkedList(cursor, limit))).includes(id))
    assert.ok(!(await walked((cursor, limit) => store.heldList(cursor, limit))).includes(id))
  }),
  fact('stats count conversations, due, overdue, parked and held ones', async store => {
    const before = await store.stats()
    const nowMs = await store.time()

    await begun(store)
    await begun(store, { dueMs: nowMs + 3_600_000 })
    await begun(store, { dueMs: nowMs - 3_600_000 })
    await begun(store, { park: 'p', held: true })
    const { id, fence } = await begun(store, { held: true })
    await done(store, id, aCommit(fence, { park: 'p' }))

    assert.deepEqual(difference(await store.stats(), before), [5, 2, 1, 2, 2])
  })
]

async function walked(
  page: (cursor: string | null, limit: number) => Promise<Listing>
): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const listing: Listing = await page(cursor, 50)
    ids.push(...listing.ids)
    cursor = listing.cursor
  } while (cursor !== null)
  assert.equal(new Set(ids).size, ids.length)
  return ids
}

type Stats = Awaited<ReturnType<ConversationStore['stats']>>

function difference(after: Stats, before: Stats): readonly number[] {
  return (['conversations', 'due', 'overdue', 'parked', 'held'] as const).map(
    name => after[name] - before[name]
  )
}
