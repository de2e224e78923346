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
  fact,
  grown,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

/** Keeping what arrives without reading the record. */
export const deferChecks: readonly StoreCheck[] = [
  fact('a deferral raises version and head and leaves the record alone', async store => {
    const { id, fence } = await begun(store, { record: 'kept', replies: ['r'] })
    const deferral = aDeferral(fence.epoch, { row: { why: 'future', row: 'event' } })

    assert.deepEqual(await store.defer(id, deferral), { tag: 'committed', version: 2 })

    const loaded = await store.load(id)
    assert.deepEqual(
      [loaded.fence?.version, loaded.fence?.head, loaded.newestHead],
      [2, deferral.head, deferral.head]
    )
    assert.equal(loaded.record, 'kept')
    assert.deepEqual(loaded.inbox, [{ why: 'future', row: 'event' }])
    assert.equal(loaded.undelivered.length, 1)
    assert.deepEqual((await store.recoverable(id)).slots, ['kept'])
  }),
  fact(
    'a decision that ran meanwhile conflicts and finds its parent among the ancestors',
    async store => {
      const { id, fence } = await begun(store)
      await store.defer(id, aDeferral(fence.epoch))

      assert.deepEqual(await store.commit(id, aCommit(fence)), {
        tag: 'conflict',
        version: 2,
        epoch: fence.epoch,
        ancestor: fence.head
      })
    }
  ),
  fact('the next commit follows the deferral without a gap', async store => {
    const { id, fence } = await begun(store, { record: 'one' })
    await store.defer(id, aDeferral(fence.epoch))
    const { fence: now } = await store.load(id)

    const next = await done(store, id, aCommit(now, { record: 'three', take: 1 }))

    assert.equal(next.fence.version, 3)
    assert.deepEqual((await store.recoverable(id)).slots, ['three', 'one'])
    assert.deepEqual((await store.load(id)).inbox, [])
  }),
  fact('a repeated deferral is committed and writes nothing', async store => {
    const { id, fence } = await begun(store)
    const deferral = aDeferral(fence.epoch, { fingerprint: aPrint(), dueMs: 3e12 })
    await store.defer(id, deferral)

    const again = await withoutTrace(store, id, () => store.defer(id, deferral))

    assert.deepEqual(again, { tag: 'committed', version: 2 })
  }),
  fact('a deferred id is known to deferrals and commits', async store => {
    const fingerprint = aPrint()
    const { id, fence } = await begun(store)
    await store.defer(id, aDeferral(fence.epoch, { fingerprint }))
    const { fence: now } = await store.load(id)

    const deferred = await withoutTrace(store, id, () =>
      store.defer(id, aDeferral(fence.epoch, { fingerprint }))
    )
    const committed = await store.commit(id, aCommit(now, { fingerprint }))

    assert.deepEqual([deferred.tag, committed.tag], ['duplicate', 'duplicate'])
  }),
  fact('a committed id is known to deferrals', async store => {
    const fingerprint = aPrint()
    const { id, fence } = await begun(store, { fingerprint })

    const outcome = await store.defer(id, aDeferral(fence.epoch, { fingerprint }))

    assert.deepEqual(outcome, { tag: 'duplicate' })
  }),
  fact('a deferral to another epoch is gone, to nothing a conflict', async store => {
    const { id } = await begun(store)

    const gone = await withoutTrace(store, id, () => store.defer(id, aDeferral(anEpoch())))

    assert.deepEqual(gone, { tag: 'gone' })
    assert.deepEqual(await store.defer(anId(), aDeferral(anEpoch())), { tag: 'conflict' })
  }),
  fact('a deferral to a full inbox is full and its id stays unseen', async store => {
    const fingerprint = aPrint()
    const { id, fence } = await begun(store)
    for (let row = 0; row < BOUNDS.inboxRows; row += 1) {
      assert.equal((await store.defer(id, aDeferral(fence.epoch))).tag, 'committed')
    }
    const deferral = aDeferral(fence.epoch, { fingerprint })

    const outcome = await withoutTrace(store, id, () => store.defer(id, deferral))
    assert.deepEqual(outcome, { tag: 'full', what: 'inbox', untilMs: null })

    const { fence: now } = await store.load(id)
    await done(store, id, aCommit(now, { take: 1, fingerprint }))
  }),
  fact('a deferral lowers the due time and never raises it', async store => {
    const { id, fence } = await begun(store)
    const due = async (): Promise<number | null> => (await store.load(id)).dueMs

    await store.defer(id, aDeferral(fence.epoch, { dueMs: 3e12 }))
    assert.equal(await due(), 3e12)
    await store.defer(id, aDeferral(fence.epoch, { dueMs: 4e12 }))
    await store.defer(id, aDeferral(fence.epoch, { dueMs: null }))
    assert.equal(await due(), 3e12)
    await store.defer(id, aDeferral(fence.epoch, { dueMs: 2e12 }))
    assert.equal(await due(), 2e12)
  }),
  fact('a fence from before the deferral settles nothing', async store => {
    const { id, fence } = await begun(store, { dueMs: 3e12 })
    await store.defer(id, aDeferral(fence.epoch))

    assert.equal(await store.settleDue(id, fence, null), 'conflict')
    const later = await grown(store, id, (await store.load(id)).fence, [{}])
    assert.equal(await store.settleDue(id, later, null), 'done')
  })
]
