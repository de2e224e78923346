import assert from 'node:assert/strict'
import { BOUNDS } from '../../store/conversation-store.ts'
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
  grown,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

/** Erasing a conversation, what stays of it, and beginning anew. */
export const eraseChecks: readonly StoreCheck[] = [
  fact('an erased conversation leaves a fence at version 0 and nothing else', async store => {
    const now = await store.time()
    const tombstone = anEpoch()
    const { id, fence } = await begun(store, {
      replies: ['r'],
      dueMs: now - 5,
      append: { why: 'hold', row: 'e' },
      openCall: { key: 'k', row: 'c' },
      effect: true,
      park: 'p'
    })

    assert.equal(await store.erase(id, fence.epoch, tombstone), 'erased')

    const { fence: left, ...rest } = { ...(await store.load(id)), nowMs: 0 }
    assert.deepEqual([left?.epoch, left?.version], [tombstone, 0])
    assert.deepEqual(rest, {
      record: null,
      effectAt: 0,
      calls: [],
      inbox: [],
      undelivered: [],
      acknowledgedThrough: 0,
      dueMs: null,
      newestHead: null,
      aliasOf: null,
      nowMs: 0
    })
    assert.deepEqual(await store.recoverable(id), { slots: [], history: [] })
    assert.deepEqual(await store.parked(id), [])
    assert.ok(!(await store.claimDue(1000, 10_000)).includes(id))
  }),
  fact('a repeated erase is erased, one of another epoch is gone', async store => {
    const tombstone = anEpoch()
    const { id, fence } = await begun(store)
    const elsewhere = () => store.erase(id, anEpoch(), anEpoch())
    assert.equal(await withoutTrace(store, id, elsewhere), 'gone')
    await store.erase(id, fence.epoch, tombstone)

    const again = () => store.erase(id, fence.epoch, tombstone)

    assert.equal(await withoutTrace(store, id, again), 'erased')
    assert.equal(await store.erase(anId(), anEpoch(), anEpoch()), 'gone')
  }),
  fact('what comes late for the erased epoch is gone and leaves no trace', async store => {
    const { id, fence } = await begun(store, { replies: ['r'] })
    await store.erase(id, fence.epoch, anEpoch())

    await withoutTrace(store, id, async () => {
      assert.deepEqual(await store.commit(id, aCommit(fence)), { tag: 'gone' })
      assert.deepEqual(await store.defer(id, aDeferral(fence.epoch)), { tag: 'gone' })
      assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'r' }), 'gone')
      assert.equal(await store.settleDue(id, fence, 5), 'conflict')
    })
  }),
  fact('a creation names the tombstone, begins at version 1 and bears its epoch', async store => {
    const tombstone = anEpoch()
    const { id, fence } = await begun(store, { replies: ['r'], effect: true })
    await store.erase(id, fence.epoch, tombstone)
    const { fence: left } = await store.load(id)

    const unaware = await withoutTrace(store, id, () => store.commit(id, aCommit(null)))
    assert.deepEqual(unaware, { tag: 'conflict', version: 0, epoch: tombstone, ancestor: null })

    const born = await done(store, id, aCommit(left, { replies: ['new'], record: 'new' }))
    const loaded = await store.load(id)
    assert.deepEqual([born.fence.epoch, born.fence.version, born.firstSequence], [tombstone, 1, 1])
    assert.deepEqual(loaded.undelivered, [{ sequence: 1, row: 'new' }])
    assert.deepEqual(
      [loaded.record, loaded.effectAt, loaded.newestHead],
      ['new', 0, born.fence.head]
    )
    assert.deepEqual((await store.recoverable(id)).slots, ['new'])
  }),
  fact('nothing wakes a tombstone', async store => {
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, anEpoch())
    const { fence: left, nowMs } = await store.load(id)

    assert.equal(await store.settleDue(id, left!, nowMs - 5), 'conflict')

    assert.ok(!(await store.claimDue(1000, 10_000)).includes(id))
    assert.equal((await done(store, id, aCommit(left))).dueMs, null)
  }),
  fact('a creation that is repeated is committed once', async store => {
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, anEpoch())
    const creation = aCommit((await store.load(id)).fence, { replies: ['new'] })
    const first = await done(store, id, creation)

    const again = await withoutTrace(store, id, () => store.commit(id, creation))

    assert.deepEqual(again, first)
  }),
  fact('an erase that is repeated late spares the conversation created since', async store => {
    const tombstone = anEpoch()
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, tombstone)
    await grown(store, id, (await store.load(id)).fence, [{ record: 'new' }])

    const late = await withoutTrace(store, id, () => store.erase(id, fence.epoch, tombstone))

    assert.equal(late, 'erased')
  }),
  fact('ids seen before the erase are known after it', async store => {
    const [first, second] = [aPrint(), aPrint()]
    const { id, fence } = await begun(store, { fingerprint: first })
    await grown(store, id, fence, [{ fingerprint: second }])
    await store.erase(id, fence.epoch, anEpoch())
    const { fence: left } = await store.load(id)

    const early = await store.commit(id, aCommit(left, { fingerprint: first }))
    const born = await grown(store, id, left, [{}])
    const late = await store.commit(id, aCommit(born, { fingerprint: second }))

    assert.deepEqual([early.tag, late.tag], ['duplicate', 'duplicate'])
  }),
  factInTime('a tombstone goes after 8 days', async (store, advance) => {
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, anEpoch())
    await advance(BOUNDS.tombstoneMs - 60_000)
    assert.equal((await store.load(id)).fence?.version, 0)

    await advance(60_001)

    assert.equal((await store.load(id)).fence, null)
    await done(store, id, aCommit(null))
  }),
  factInTime('a conversation created on a tombstone does not expire', async (store, advance) => {
    const { id, fence } = await begun(store)
    await store.erase(id, fence.epoch, anEpoch())
    await grown(store, id, (await store.load(id)).fence, [{}, { record: 'here' }])
    const before = await everything(store, id)

    await advance(2 * BOUNDS.tombstoneMs)

    assert.deepEqual(await everything(store, id), before)
  })
]
