import assert from 'node:assert/strict'
import {
  aCommit,
  aHead,
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

/** On which commit a step may be built, and which two records are kept. */
export const fenceChecks: readonly StoreCheck[] = [
  fact('a parent of another version is a conflict', async store => {
    const { id, fence } = await begun(store)
    const now = await grown(store, id, fence, [{}])

    for (const version of [1, 3]) {
      const commit = aCommit({ ...now, version })
      const outcome = await withoutTrace(store, id, () => store.commit(id, commit))
      assert.equal(outcome.tag, 'conflict')
    }
  }),
  fact('a parent of another head is a conflict, though version and epoch agree', async store => {
    const { id, fence } = await begun(store)
    const commit = aCommit({ ...fence, head: aHead() })

    const outcome = await withoutTrace(store, id, () => store.commit(id, commit))

    assert.deepEqual(outcome, {
      tag: 'conflict',
      version: 1,
      epoch: fence.epoch,
      ancestor: fence.head
    })
  }),
  fact('a parent of another epoch is gone, though version and head agree', async store => {
    const { id, fence } = await begun(store)
    const commit = aCommit({ ...fence, epoch: anEpoch() })

    const outcome = await withoutTrace(store, id, () => store.commit(id, commit))

    assert.deepEqual(outcome, { tag: 'gone' })
  }),
  fact(
    'a creation where a conversation exists is a conflict that tells what is there',
    async store => {
      const { id, fence } = await begun(store)

      const outcome = await withoutTrace(store, id, () => store.commit(id, aCommit(null)))

      assert.deepEqual(outcome, {
        tag: 'conflict',
        version: 1,
        epoch: fence.epoch,
        ancestor: null
      })
    }
  ),
  fact('a parent where nothing is stored is a conflict at version 0', async store => {
    const { fence } = await begun(store)
    const id = anId()

    const outcome = await store.commit(id, aCommit(fence))

    assert.deepEqual(outcome, { tag: 'conflict', version: 0, epoch: null, ancestor: null })
    assert.equal((await store.load(id)).fence, null)
  }),
  fact('a conflict names the head that stands at the version of our parent', async store => {
    const { id, fence } = await begun(store)
    const second = await grown(store, id, fence, [{}])
    await grown(store, id, second, [{}, {}])

    const outcome = await store.commit(id, aCommit(second))

    assert.deepEqual(outcome, {
      tag: 'conflict',
      version: 4,
      epoch: fence.epoch,
      ancestor: second.head
    })
  }),
  fact('a conflict names no head for a version that is trimmed or still to come', async store => {
    const { id, fence } = await begun(store)
    const now = await grown(
      store,
      id,
      fence,
      Array.from({ length: 40 }, () => ({}))
    )

    const trimmed = await store.commit(id, aCommit(fence))
    const toCome = await store.commit(id, aCommit({ ...now, version: 50 }))

    assert.equal(trimmed.tag === 'conflict' && trimmed.ancestor, null)
    assert.equal(toCome.tag === 'conflict' && toCome.ancestor, null)
  }),
  fact('an id that was seen is a duplicate, though the parent is stale', async store => {
    const print = aPrint()
    const { id, fence } = await begun(store, { fingerprint: print })
    await grown(store, id, fence, [{}, {}])
    const commit = aCommit(fence, { fingerprint: print })

    const outcome = await withoutTrace(store, id, () => store.commit(id, commit))

    assert.deepEqual(outcome, { tag: 'duplicate' })
  }),
  fact('records at rest alternate: the other slot holds the one before', async store => {
    const { id, fence } = await begun(store, { record: 'one' })
    assert.deepEqual((await store.recoverable(id)).slots, ['one'])

    const second = await grown(store, id, fence, [{ record: 'two' }])
    assert.deepEqual((await store.recoverable(id)).slots, ['two', 'one'])

    await grown(store, id, second, [{ record: 'three' }])
    assert.deepEqual((await store.recoverable(id)).slots, ['three', 'two'])
  }),
  fact('a record that waits for a call is written over; the one at rest stays', async store => {
    const { id, fence } = await begun(store, { record: 'rest' })
    const asked = await grown(store, id, fence, [
      { record: 'asking', attached: true },
      { record: 'asking more', attached: true }
    ])
    assert.deepEqual((await store.recoverable(id)).slots, ['asking more', 'rest'])

    const answered = await grown(store, id, asked, [{ record: 'answered' }])
    assert.deepEqual((await store.recoverable(id)).slots, ['answered', 'rest'])

    await grown(store, id, answered, [{ record: 'next' }])
    assert.deepEqual((await store.recoverable(id)).slots, ['next', 'answered'])
  }),
  fact('a first record that waits for a call leaves the other slot empty', async store => {
    const { id, fence } = await begun(store, { record: 'asking', attached: true })
    assert.deepEqual((await store.recoverable(id)).slots, ['asking'])

    await grown(store, id, fence, [{ record: 'answered' }])

    assert.deepEqual((await store.recoverable(id)).slots, ['answered'])
    assert.equal((await store.load(id)).record, 'answered')
  }),
  fact('an unreadable record is parked as it was and written over', async store => {
    const { id, fence } = await begun(store, { record: 'rest' })
    const broken = await grown(store, id, fence, [{ record: '\0broken' }])

    await done(
      store,
      id,
      aCommit(broken, { record: 'mended', unreadable: '\0broken', park: 'why' })
    )

    assert.deepEqual((await store.recoverable(id)).slots, ['mended', 'rest'])
    assert.deepEqual(await store.parked(id), ['\0broken', 'why'])
  })
]
