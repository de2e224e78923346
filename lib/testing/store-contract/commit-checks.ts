import assert from 'node:assert/strict'
import { BOUNDS } from '../../store/conversation-store.ts'
import {
  aCommit,
  aHead,
  anEpoch,
  anId,
  aPrint,
  begun,
  done,
  fact,
  factOfTwo,
  grown,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

/** How a commit creates, repeats, refuses and counts. */
export const commitChecks: readonly StoreCheck[] = [
  fact('a conversation nobody spoke in has no fence', async store => {
    const { nowMs, ...loaded } = await store.load(anId())

    assert.ok(Number.isSafeInteger(nowMs))
    assert.deepEqual(loaded, {
      fence: null,
      record: null,
      effectAt: 0,
      calls: [],
      inbox: [],
      undelivered: [],
      acknowledgedThrough: 0,
      dueMs: null,
      newestHead: null,
      aliasOf: null
    })
  }),
  fact('the first commit is version 1 and is loaded as it was written', async store => {
    const id = anId()
    const commit = aCommit(null, { record: 'first', replies: ['hello'], dueMs: 4e12 })

    const outcome = await done(store, id, commit)

    const { fence, firstSequence, dueMs } = outcome
    const loaded = await store.load(id)
    assert.deepEqual([fence.epoch, fence.version, fence.head], [commit.epoch, 1, commit.head])
    assert.deepEqual([firstSequence, dueMs], [1, 4e12])
    assert.deepEqual(loaded.fence, fence)
    assert.equal(loaded.record, 'first')
    assert.equal(loaded.newestHead, commit.head)
    assert.equal(loaded.dueMs, 4e12)
    assert.deepEqual(loaded.undelivered, [{ sequence: 1, row: 'hello' }])
  }),
  fact('a repeat of the stored head is committed and writes nothing', async store => {
    const { id, fence } = await begun(store, { replies: ['a'], dueMs: 4e12 })
    const commit = aCommit(fence, {
      replies: ['b', 'c'],
      dueMs: 3e12,
      park: 'p',
      append: { why: 'hold', row: 'e' },
      openCall: { key: 'k', row: 'r' }
    })
    const first = await done(store, id, commit)

    const again = await withoutTrace(store, id, () => store.commit(id, commit))

    assert.deepEqual(again, first)
    assert.equal(first.firstSequence, 2)
  }),
  fact('a repeat with an outside id is committed, not a duplicate of itself', async store => {
    const id = anId()
    const commit = aCommit(null, { fingerprint: aPrint() })
    const first = await done(store, id, commit)

    assert.deepEqual(await store.commit(id, commit), first)
  }),
  fact('a repeat that comes after another commit writes nothing', async store => {
    const { id, fence } = await begun(store)
    const late = aCommit(fence)
    const committed = await done(store, id, late)
    await done(store, id, aCommit(committed.fence))

    const outcome = await withoutTrace(store, id, () => store.commit(id, late))

    assert.equal(outcome.tag, 'conflict')
  }),
  fact('versions rise by one, also after refused commits', async store => {
    const print = aPrint()
    const { id, fence } = await begun(store, { fingerprint: print })
    const stale = await grown(store, id, fence, [{}])
    const big = 'x'.repeat(BOUNDS.recordBytes + 1)
    const now = await grown(store, id, stale, [{}])
    const tags = [
      await store.commit(id, aCommit(stale)),
      await store.commit(id, aCommit(now, { fingerprint: print })),
      await store.commit(id, aCommit(now, { record: big })),
      await store.commit(id, aCommit(null))
    ].map(({ tag }) => tag)
    assert.deepEqual(tags, ['conflict', 'duplicate', 'oversize', 'conflict'])

    const next = await done(store, id, aCommit(now))

    assert.deepEqual([fence.version, stale.version, now.version, next.fence.version], [1, 2, 3, 4])
  }),
  fact(
    'a record may have 65,536 bytes and no more; nothing is written of a larger one',
    async store => {
      const { id, fence } = await begun(store)
      const largest = 'x'.repeat(BOUNDS.recordBytes)
      const wide = '€'.repeat(21_846)
      for (const [record, bytes] of [
        [`${largest}x`, 65_537],
        [wide, 65_538],
        ['x'.repeat(200_000), 200_000]
      ] as const) {
        const commit = aCommit(fence, { record, replies: ['r'], fingerprint: aPrint() })
        const outcome = await withoutTrace(store, id, () => store.commit(id, commit))
        assert.deepEqual(outcome, { tag: 'oversize', bytes })
      }

      await done(store, id, aCommit(fence, { record: largest }))

      assert.equal((await store.load(id)).record, largest)
    }
  ),
  fact(
    'an oversize record does not hide that the id was seen or the parent is stale',
    async store => {
      const print = aPrint()
      const { id, fence } = await begun(store, { fingerprint: print })
      await done(store, id, aCommit(fence))
      const record = 'x'.repeat(BOUNDS.recordBytes + 1)

      const seen = await store.commit(id, aCommit(fence, { record, fingerprint: print }))
      const stale = await store.commit(id, aCommit(fence, { record }))

      assert.deepEqual([seen.tag, stale.tag], ['duplicate', 'conflict'])
    }
  ),
  fact('effectAt is the version of the last commit that started an effect call', async store => {
    const { id, fence } = await begun(store)
    const at = async (): Promise<number> => (await store.load(id)).effectAt
    assert.equal(await at(), 0)

    const after = await grown(store, id, fence, [{ effect: true }, {}])

    assert.equal(await at(), 2)
    await grown(store, id, after, [{ effect: true }])
    assert.equal(await at(), 4)
  }),
  factOfTwo('of two commits on one parent exactly one is done', async (store, other) => {
    const { id, fence } = await begun(store)
    let parent = fence
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.all(
        [store, other, store, other].map(async at => at.commit(id, aCommit(parent)))
      )
      const won = outcomes.filter(outcome => outcome.tag === 'committed')
      assert.equal(won.length, 1, JSON.stringify(outcomes))
      assert.equal(outcomes.filter(({ tag }) => tag === 'conflict').length, 3)
      parent = won[0]!.fence
    }
    assert.equal(parent.version, 11)
  }),
  factOfTwo('two processes that add one at a time lose no addition', async (store, other) => {
    const id = anId()
    const add = async (at: typeof store, times: number): Promise<void> => {
      for (let left = times, tries = 0; left > 0; tries += 1) {
        assert.ok(tries < 1000 * times, 'commits on the newest fence never succeed')
        const { fence, record } = await at.load(id)
        const commit = aCommit(fence, { record: String(Number(record ?? 0) + 1) })
        if ((await at.commit(id, commit)).tag === 'committed') left -= 1
      }
    }

    await Promise.all([add(store, 25), add(other, 25), add(store, 25), add(other, 25)])

    const { fence, record } = await store.load(id)
    assert.deepEqual([record, fence?.version], ['100', 100])
  }),
  factOfTwo('a conversation is created once though two create it', async (store, other) => {
    const id = anId()
    const outcomes = await Promise.all(
      [store, other].map(async at => at.commit(id, aCommit(null, { epoch: anEpoch() })))
    )

    assert.deepEqual(outcomes.map(({ tag }) => tag).toSorted(), ['committed', 'conflict'])
  }),
  fact('commits of many conversations at once do not mix', async store => {
    const ids = Array.from({ length: 60 }, anId)

    await Promise.all(
      ids.map(async id => grown(store, id, null, [{}, { record: `of ${id}`, replies: [id] }]))
    )

    for (const id of ids) {
      const { record, undelivered } = await store.load(id)
      assert.equal(record, `of ${id}`)
      assert.deepEqual(undelivered, [{ sequence: 1, row: id }])
    }
  }),
  fact('a head is never taken for that of another conversation', async store => {
    const head = aHead()
    const one = await begun(store, { head })
    const other = await begun(store, { head })

    assert.notEqual(one.id, other.id)
    assert.equal((await store.load(other.id)).fence?.version, 1)
  })
]
