import assert from 'node:assert/strict'
import { BOUNDS, type ConversationStore, type Fence } from '../../store/conversation-store.ts'
import {
  aCommit,
  aDeferral,
  aPrint,
  begun,
  done,
  fact,
  factInTime,
  grown,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

const DAY_MS = 86_400_000

/** How long an outside id is remembered, and what happens when there is no room for another. */
export const windowChecks: readonly StoreCheck[] = [
  fact('an id is remembered though many others came since', async store => {
    const prints = Array.from({ length: 60 }, () => aPrint())
    const { id, fence } = await begun(store)
    const now = await grown(
      store,
      id,
      fence,
      prints.map(fingerprint => ({ fingerprint }))
    )

    for (const fingerprint of prints) {
      const outcome = await store.commit(id, aCommit(now, { fingerprint }))
      assert.equal(outcome.tag, 'duplicate')
    }
    await done(store, id, aCommit(now, { fingerprint: aPrint() }))
  }),
  fact('ids that differ in one bit are two', async store => {
    const print = aPrint()
    const { id, fence } = await begun(store, { fingerprint: print })
    let now = fence
    for (let at = 0; at < 8; at += 1) {
      const other = Uint8Array.from(print)
      other[at] = other[at]! ^ 1
      now = (await done(store, id, aCommit(now, { fingerprint: other }))).fence
    }
    assert.equal(now.version, 9)
  }),
  fact('fingerprints of hostile bytes are exact', async store => {
    const prints = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 1],
      [0x80, 0, 0, 0, 0, 0, 0, 0],
      [255, 255, 255, 255, 255, 255, 255, 255],
      [0x0a, 0x0d, 0x0a, 0x25, 0x5b, 0x2e, 0x2a, 0x5d],
      [0xc3, 0x28, 0xff, 0xfe, 0x00, 0xc0, 0x80, 0xed]
    ].map(bytes => Uint8Array.from(bytes))
    const { id, fence } = await begun(store)
    const now = await grown(
      store,
      id,
      fence,
      prints.map(fingerprint => ({ fingerprint }))
    )

    for (const fingerprint of prints) {
      assert.equal((await store.commit(id, aCommit(now, { fingerprint }))).tag, 'duplicate')
    }
  }),
  fact('bytes that only happen to stand across two entries are no duplicate', async store => {
    const seconds = Math.floor((await store.time()) / 1000)
    const first = Uint8Array.from([7, 1, 1, 1, 7, 2, 2, 2])
    const { id, fence } = await begun(store, { fingerprint: first })
    let now = fence
    for (const guess of [seconds, seconds + 1, seconds + 2]) {
      const across = Buffer.alloc(8)
      across.set(first.subarray(4), 0)
      across.writeUInt32BE(guess, 4)
      now = (await done(store, id, aCommit(now, { fingerprint: across }))).fence
    }
    assert.equal(now.version, 4)
  }),
  fact('a bucket of 160 young ids is full until the first may go', async store => {
    const { id, fence } = await filled(store, 9)
    const { nowMs } = await store.load(id)

    const commit = aCommit(fence, { fingerprint: aPrint(9), replies: ['r'] })
    const outcome = await withoutTrace(store, id, () => store.commit(id, commit))
    const deferred = await withoutTrace(store, id, () =>
      store.defer(id, aDeferral(fence.epoch, { fingerprint: aPrint(9) }))
    )

    for (const full of [outcome, deferred]) {
      assert.ok(full.tag === 'full' && full.what === 'ids', full.tag)
      const inMs = (full.untilMs ?? 0) - nowMs
      assert.ok(inMs > 8 * DAY_MS - 120_000 && inMs < 8 * DAY_MS + 120_000, `until in ${inMs} ms`)
    }
    await done(store, id, aCommit(fence, { fingerprint: aPrint(10) }))
  }),
  factInTime('ids older than 8 days and 128 versions make room', async (store, advance) => {
    const { id, fence, prints } = await filled(store, 11)
    await advance(8 * DAY_MS + 60_000)

    const now = await grown(store, id, fence, [{ fingerprint: aPrint(11) }])

    const tags = await tagsOf(store, id, now, prints)
    // 160 ids came with versions 2 to 161; at version 162 the first 32 are more than 128 old.
    assert.deepEqual(tags, [
      ...Array.from({ length: 32 }, () => 'conflict'),
      ...Array.from({ length: 128 }, () => 'duplicate')
    ])
  }),
  factInTime('an old id stays while it is among the last 128 versions', async (store, advance) => {
    const fingerprint = aPrint(3)
    const { id, fence } = await begun(store, { fingerprint })
    await advance(20 * DAY_MS)
    const now = await grown(store, id, fence, [{ fingerprint: aPrint(3) }, {}])

    assert.equal((await store.commit(id, aCommit(now, { fingerprint }))).tag, 'duplicate')
  })
]

async function filled(store: ConversationStore, bucket: number) {
  const prints = Array.from({ length: BOUNDS.dedupeBucketIds }, () => aPrint(bucket))
  const { id, fence } = await begun(store)
  const changes = prints.map(fingerprint => ({ fingerprint }))
  return { id, prints, fence: await grown(store, id, fence, changes) }
}

// A stale parent: an id that is no longer known answers `conflict` and nothing is written.
async function tagsOf(
  store: ConversationStore,
  id: string,
  { epoch, version }: Fence,
  prints: readonly Uint8Array[]
): Promise<string[]> {
  const stale: Fence = { epoch, version: version - 1, head: 'x/y.1', state: '' }
  const tags: string[] = []
  for (const fingerprint of prints) {
    const parent = { ...(await store.load(id)).fence!, version: stale.version, head: stale.head }
    tags.push((await store.commit(id, aCommit(parent, { fingerprint }))).tag)
  }
  return tags
}
