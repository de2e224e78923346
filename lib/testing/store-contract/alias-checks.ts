import assert from 'node:assert/strict'
import { BOUNDS, type ConversationStore, type Fence } from '../../store/conversation-store.ts'
import {
  aCommit,
  aDeferral,
  anEpoch,
  anId,
  aPrint,
  begun,
  done,
  everything,
  fact,
  factInTime,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

/** Ids that lead to a conversation that bears another one. */
export const aliasChecks: readonly StoreCheck[] = [
  fact('an alias leads to its conversation, and nothing else stands there', async store => {
    const { id, fence } = await begun(store)
    const alias = anId()
    assert.equal((await store.load(alias)).aliasOf, null)

    const { aliasOf } = await withoutTrace(store, id, async () => {
      assert.equal(await store.setAlias(id, fence.epoch, alias), 'done')
      assert.equal(await store.setAlias(id, fence.epoch, alias), 'done')
      return store.load(alias)
    })

    assert.equal(aliasOf, id)
    const nothing = { ...(await store.load(anId())), nowMs: 0 }
    assert.deepEqual({ ...(await store.load(alias)), nowMs: 0 }, { ...nothing, aliasOf: id })
    assert.deepEqual((await store.export(id)).aliases, [alias])
    assert.equal((await store.load(id)).aliasOf, null)
    assert.ok(!(await store.list(null, 1000)).ids.includes(alias))
  }),
  fact('nothing can be begun, deferred or erased at an alias', async store => {
    const { id, fence } = await begun(store)
    const alias = anId()
    await store.setAlias(id, fence.epoch, alias)

    assert.equal((await store.commit(alias, aCommit(null))).tag, 'conflict')
    assert.equal((await store.commit(alias, aCommit(fence))).tag, 'gone')
    assert.equal((await store.defer(alias, aDeferral(fence.epoch))).tag, 'gone')
    assert.equal(await store.erase(alias, fence.epoch, anEpoch()), 'gone')
    assert.equal(await store.settleDue(alias, fence, 1_700_000_000_000), 'conflict')
    assert.equal(await store.settleDue(alias, null, null), 'done')

    assert.equal((await store.load(alias)).aliasOf, id)
  }),
  fact('a conversation, another’s alias and the conversation itself are taken', async store => {
    const one = await begun(store)
    const other = await begun(store)
    const alias = anId()
    await store.setAlias(other.id, other.fence.epoch, alias)

    for (const taken of [other.id, alias, one.id]) {
      const before = await everything(store, one.id)
      assert.equal(await store.setAlias(one.id, one.fence.epoch, taken), 'taken')
      assert.deepEqual(await everything(store, one.id), before)
      assert.deepEqual((await store.export(one.id)).aliases, [])
    }
    assert.equal((await store.load(alias)).aliasOf, other.id)
  }),
  fact('only what exists, in the epoch that is named, can be led to', async store => {
    const { id, fence } = await begun(store)
    const alias = anId()
    await store.setAlias(id, fence.epoch, alias)
    const other = anId()

    assert.equal(await store.setAlias(id, anEpoch(), other), 'gone')
    assert.equal(await store.setAlias(anId(), fence.epoch, other), 'gone')
    assert.equal(await store.setAlias(alias, 'alias', other), 'gone')

    assert.equal((await store.load(other)).aliasOf, null)
    await done(store, other, aCommit(null))
  }),
  fact(
    'an alias that is removed leads nowhere, and a conversation can begin there',
    async store => {
      const { id, fence } = await begun(store)
      const [first, second] = [anId(), anId()]
      await store.setAlias(id, fence.epoch, first)
      await store.setAlias(id, fence.epoch, second)

      assert.equal(await store.removeAlias(anId(), first), 'gone')
      assert.equal(await store.removeAlias(id, first), 'done')
      assert.equal(await store.removeAlias(id, first), 'gone')

      assert.equal((await store.load(first)).aliasOf, null)
      assert.deepEqual((await store.export(id)).aliases, [second])
      await done(store, first, aCommit(null))
    }
  ),
  fact(`a conversation has at most ${BOUNDS.aliases} aliases`, async store => {
    const { id, fence } = await begun(store)
    const set = async (alias: string): Promise<string> => store.setAlias(id, fence.epoch, alias)
    const first = anId()
    await set(first)
    for (let at = 1; at < BOUNDS.aliases; at += 1) assert.equal(await set(anId()), 'done')
    const late = anId()

    assert.equal(await set(late), 'full')
    assert.equal((await store.load(late)).aliasOf, null)
    assert.equal(await set(first), 'done')
    await store.removeAlias(id, first)
    assert.equal(await set(late), 'done')
  }),
  fact('an erase takes the aliases along', async store => {
    const { id, fence } = await begun(store)
    const [first, second] = [anId(), anId()]
    await store.setAlias(id, fence.epoch, first)
    await store.setAlias(id, fence.epoch, second)

    assert.equal(await store.erase(id, fence.epoch, anEpoch()), 'erased')

    for (const alias of [first, second]) {
      assert.equal((await store.load(alias)).aliasOf, null)
      assert.deepEqual((await store.export(alias)).rest, {})
      await done(store, alias, aCommit(null))
    }
    assert.deepEqual((await store.export(id)).aliases, [])
    assert.equal(await store.setAlias(id, fence.epoch, anId()), 'gone')
  }),
  fact('an erase that comes late spares aliases of the conversation begun since', async store => {
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, anEpoch())
    const born = await begunOn(store, id)
    const alias = anId()
    await store.setAlias(id, born, alias)

    assert.equal(await store.erase(id, fence.epoch, anEpoch()), 'gone')

    assert.equal((await store.load(alias)).aliasOf, id)
  }),
  fact('what was erased stands there again when an alias leads there no longer', async store => {
    const target = await begun(store)
    const left = await erasedOne(store)
    const { id: alias, tombstone } = left
    const before = await store.export(alias)

    const ends = [
      async () => store.removeAlias(target.id, alias),
      async () => store.erase(target.id, target.fence.epoch, anEpoch())
    ]
    for (const ending of ends) {
      assert.equal(await store.setAlias(target.id, target.fence.epoch, alias), 'done')
      assert.equal(await store.setAlias(target.id, target.fence.epoch, alias), 'done')
      assert.equal((await store.load(alias)).aliasOf, target.id)
      assert.equal((await store.load(alias)).fence, null)
      assert.deepEqual((await store.export(alias)).rest, {})
      assert.equal((await store.commit(alias, aCommit(tombstone))).tag, 'gone')
      assert.equal(await store.erase(alias, tombstone.epoch, anEpoch()), 'gone')
      assert.equal(await store.erase(alias, left.epoch, tombstone.epoch), 'erased')
      assert.equal((await store.load(alias)).aliasOf, target.id)

      assert.ok(['done', 'erased'].includes(await ending()))

      assert.deepEqual(await store.export(alias), before)
    }
    const again = aCommit(tombstone, { fingerprint: left.fingerprint })
    assert.equal((await store.commit(alias, again)).tag, 'duplicate')
    const { fence } = await done(store, alias, aCommit(tombstone))
    assert.deepEqual([fence.epoch, fence.version], [tombstone.epoch, 1])
  }),
  factInTime('an alias over a tombstone does not expire with it', async (store, advance) => {
    const { id, fence } = await begun(store)
    const { id: alias } = await erasedOne(store)
    assert.equal(await store.setAlias(id, fence.epoch, alias), 'done')

    await advance(2 * BOUNDS.tombstoneMs)

    assert.equal((await store.load(alias)).aliasOf, id)
    assert.equal(await store.removeAlias(id, alias), 'done')
    assert.equal((await store.load(alias)).fence, null)
    assert.deepEqual((await store.export(alias)).seen, [])
    await done(store, alias, aCommit(null))
  }),
  factInTime('a tombstone ends when it would have without an alias', async (store, advance) => {
    const { id, fence } = await begun(store)
    const { id: alias, fingerprint } = await erasedOne(store)
    await advance(BOUNDS.tombstoneMs / 2)
    await store.setAlias(id, fence.epoch, alias)
    await advance(BOUNDS.tombstoneMs / 4)
    await store.removeAlias(id, alias)

    await advance(BOUNDS.tombstoneMs / 8)
    assert.equal((await store.load(alias)).fence?.version, 0)
    await advance(BOUNDS.tombstoneMs / 8 + 1_000)

    assert.equal((await store.load(alias)).fence, null)
    await done(store, alias, aCommit(null, { fingerprint }))
  })
]

async function begunOn(store: ConversationStore, id: string): Promise<string> {
  const { fence } = await store.load(id)
  return (await done(store, id, aCommit(fence))).fence.epoch
}

/** A conversation that took an id and was erased. */
async function erasedOne(store: ConversationStore): Promise<{
  readonly id: string
  readonly epoch: string
  readonly fingerprint: Uint8Array
  readonly tombstone: Fence
}> {
  const fingerprint = aPrint()
  const { id, fence } = await begun(store, { fingerprint })
  assert.equal(await store.erase(id, fence.epoch, anEpoch()), 'erased')
  const { fence: tombstone } = await store.load(id)
  assert.ok(tombstone !== null)
  return { id, epoch: fence.epoch, fingerprint, tombstone }
}
