import assert from 'node:assert/strict'
import type { ConversationStore, Fence } from '../../lib/store/conversation-store.ts'
import {
  aCommit,
  aDeferral,
  anEpoch,
  anId,
  aPrint,
  begun,
  done,
  grown
} from '../../lib/testing/store-contract/store-check.ts'

/** A word that stands nowhere else; it is in every text of a planted conversation. */
export const CANARY = 'canary-8c1f'

/** A conversation with something of its own in every place that a store has. */
export async function planted(
  store: ConversationStore,
  id = anId()
): Promise<{ readonly id: string; readonly alias: string; readonly fence: Fence }> {
  const word = (what: string): string => `${CANARY} ${what} of ${id}`
  const change = (what: string) => ({
    record: word(`record ${what}`),
    history: word(`row ${what}`),
    replies: [word(`reply ${what}`)],
    activeMs: 30_000_000 * 60_000
  })
  const born = await done(store, id, aCommit(null, { ...change('1'), fingerprint: aPrint(3) }))
  const fence = await grown(store, id, born.fence, [
    { ...change('2'), openCall: { key: `${CANARY}-key`, row: word('call') }, effect: true },
    { ...change('3'), unreadable: word('raw'), park: word('parked'), held: true, dueMs: 5 },
    { ...change('4'), append: { why: 'hold', row: word('waits') }, acknowledgedThrough: 1 }
  ])
  await store.defer(id, aDeferral(fence.epoch, { row: { why: 'hold', row: word('deferred') } }))
  const alias = anId()
  await store.setAlias(id, fence.epoch, alias)
  return { id, alias, fence: (await store.load(id)).fence! }
}

/** Does all that it can in another namespace, also under one id: what is stored stays as it is. */
export async function staysApart(
  store: ConversationStore,
  other: ConversationStore,
  stored: () => Promise<unknown>
): Promise<void> {
  const mine = await planted(store)
  const before = await stored()
  const theirs = await planted(other, mine.id)
  await begun(other, { dueMs: 1, park: 'p', held: true })

  await other.claimDue(100, 10_000)
  await other.claimOwn('contract', 100, 10_000)
  const named = [await other.list(null, 50), await other.parkedList(null, 50)]
  assert.ok(named.every(({ ids }) => ids.length === 2))
  assert.equal((await other.stats()).conversations, 2)
  assert.equal(await other.erase(mine.id, mine.fence.epoch, anEpoch()), 'gone')
  assert.equal(await other.erase(mine.id, theirs.fence.epoch, anEpoch()), 'erased')

  assert.deepEqual(await stored(), before)
  assert.equal((await store.load(mine.id)).fence?.version, mine.fence.version)
}
