import assert from 'node:assert/strict'
import { BOUNDS, type ConversationStore } from '../../store/conversation-store.ts'
import {
  aCommit,
  anEpoch,
  anId,
  begun,
  done,
  fact,
  grown,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

const sequences = async (store: ConversationStore, id: string): Promise<number[]> =>
  (await store.load(id)).undelivered.map(({ sequence }) => sequence)

/** Replies, calls, inbox and parked rows: what stands beside the record. */
export const rowChecks: readonly StoreCheck[] = [
  fact('replies are numbered one after the other and loaded in order', async store => {
    const { id, fence } = await begun(store, { replies: ['a', 'b'] })
    const second = await done(store, id, aCommit(fence, { replies: [] }))
    const third = await done(store, id, aCommit(second.fence, { replies: ['c', 'd', 'e'] }))

    assert.equal(third.firstSequence, 3)
    assert.deepEqual((await store.load(id)).undelivered, [
      { sequence: 1, row: 'a' },
      { sequence: 2, row: 'b' },
      { sequence: 3, row: 'c' },
      { sequence: 4, row: 'd' },
      { sequence: 5, row: 'e' }
    ])
  }),
  fact('more than nine replies stay in order', async store => {
    const replies = Array.from({ length: 12 }, (_, at) => `reply ${at}`)
    const { id } = await begun(store, { replies })

    assert.deepEqual(await sequences(store, id), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  }),
  fact('an acknowledgement drops the rows up to its number, never a count', async store => {
    const { id, fence } = await begun(store, { replies: ['a', 'b', 'c'] })

    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 2, row: 'b' }), 'done')
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 2, row: 'b' }), 'done')
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'a' }), 'done')
    assert.deepEqual(await sequences(store, id), [3])
    assert.equal((await store.load(id)).acknowledgedThrough, 2)

    await done(store, id, aCommit(fence, { replies: ['d'], acknowledgedThrough: 3 }))
    assert.deepEqual(await sequences(store, id), [4])
    assert.equal((await store.load(id)).acknowledgedThrough, 3)
  }),
  fact('an acknowledgement of another row under its number drops nothing', async store => {
    const row = 'x'.repeat(1_000)
    const { id, fence } = await begun(store, { replies: ['a', row, 'c'] })

    for (const other of [
      { sequence: 2, row: 'of the branch that was lost' },
      { sequence: 2, row: row.slice(1) },
      { sequence: 2, row: '' },
      { sequence: 2, row: 'c' },
      { sequence: 4, row: 'd' },
      { sequence: 4, row: '' },
      { sequence: 2 ** 40, row: 'far' }
    ]) {
      const call = async () => store.acknowledged(id, fence.epoch, other)
      assert.equal(await withoutTrace(store, id, call), 'conflict')
    }
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 2, row }), 'done')
    assert.deepEqual(await sequences(store, id), [3])
  }),
  fact('a row is known again after rows before it were written over', async store => {
    const { id, fence } = await begun(store, { replies: ['a', 'b'] })
    const next = aCommit(fence, { replies: ['c', 'd é', 'e'], acknowledgedThrough: 2 })
    await done(store, id, next)
    const late = async () => store.acknowledged(id, fence.epoch, { sequence: 4, row: 'b' })

    assert.equal(await withoutTrace(store, id, late), 'conflict')
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 4, row: 'd é' }), 'done')
    assert.deepEqual(await sequences(store, id), [5])
  }),
  fact('an acknowledgement that rides is clamped to the rows that exist', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })

    const next = await done(
      store,
      id,
      aCommit(fence, { replies: ['b', 'c'], acknowledgedThrough: 90 })
    )
    assert.equal(next.firstSequence, 2)
    assert.deepEqual(await sequences(store, id), [2, 3])
    assert.equal((await store.load(id)).acknowledgedThrough, 1)
  }),
  fact('an acknowledgement is no commit: the fence stays', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })

    await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'a' })

    assert.deepEqual((await store.load(id)).fence, fence)
    await done(store, id, aCommit(fence))
  }),
  fact('an acknowledgement of another epoch is gone', async store => {
    const { id } = await begun(store, { replies: ['a'] })
    const last = { sequence: 1, row: 'a' }

    const outcome = await withoutTrace(store, id, () => store.acknowledged(id, anEpoch(), last))

    assert.equal(outcome, 'gone')
    assert.equal(await store.acknowledged(anId(), anEpoch(), last), 'gone')
  }),
  fact(
    '100 undelivered rows are kept; a reply too many is full and writes nothing',
    async store => {
      const rows = Array.from({ length: BOUNDS.undeliveredRows - 1 }, () => 'r')
      const { id, fence } = await begun(store, { replies: rows })
      const commit = aCommit(fence, { replies: ['a', 'b'] })

      const outcome = await withoutTrace(store, id, () => store.commit(id, commit))
      assert.deepEqual(outcome, { tag: 'full', what: 'undelivered', untilMs: null })

      const quiet = await done(store, id, aCommit(fence, { replies: ['a'] }))
      const silent = await done(store, id, aCommit(quiet.fence))
      const riding = aCommit(silent.fence, { replies: ['b', 'c'], acknowledgedThrough: 2 })
      await done(store, id, riding)
      assert.equal((await sequences(store, id)).length, BOUNDS.undeliveredRows)
    }
  ),
  fact('an open call is loaded until the commit that closes it', async store => {
    const { id, fence } = await begun(store, { openCall: { key: 'k:1', row: 'first' } })
    const both = await grown(store, id, fence, [{ openCall: { key: 'k,2 %', row: 'second' } }])
    assert.deepEqual((await store.load(id)).calls, [
      { key: 'k:1', row: 'first' },
      { key: 'k,2 %', row: 'second' }
    ])

    const swapped = await grown(store, id, both, [
      { closeCalls: ['k:1', 'never opened'], openCall: { key: 'k/3', row: 'third' } }
    ])
    assert.deepEqual((await store.load(id)).calls, [
      { key: 'k,2 %', row: 'second' },
      { key: 'k/3', row: 'third' }
    ])

    await grown(store, id, swapped, [{ closeCalls: ['k/3', 'k,2 %'] }])
    assert.deepEqual((await store.load(id)).calls, [])
  }),
  fact('a call opened again under its key bears the new row once', async store => {
    const { id, fence } = await begun(store, { openCall: { key: 'k', row: 'old' } })

    const swapped = await grown(store, id, fence, [
      { closeCalls: ['k'], openCall: { key: 'k', row: 'new' } }
    ])
    assert.deepEqual((await store.load(id)).calls, [{ key: 'k', row: 'new' }])

    await grown(store, id, swapped, [{ openCall: { key: 'k', row: 'newer' } }])
    assert.deepEqual((await store.load(id)).calls, [{ key: 'k', row: 'newer' }])
  }),
  fact('inbox rows are taken from the front and appended at the end', async store => {
    const { id, fence } = await begun(store, { append: { why: 'hold', row: 'a b' } })
    const three = await grown(store, id, fence, [
      { append: { why: 'call', row: 'b' } },
      { append: { why: 'future', row: 'c' } }
    ])
    assert.deepEqual((await store.load(id)).inbox, [
      { why: 'hold', row: 'a b' },
      { why: 'call', row: 'b' },
      { why: 'future', row: 'c' }
    ])

    const taken = await grown(store, id, three, [
      { take: 2, append: { why: 'unreadable', row: 'd' } }
    ])
    assert.deepEqual((await store.load(id)).inbox, [
      { why: 'future', row: 'c' },
      { why: 'unreadable', row: 'd' }
    ])

    await grown(store, id, taken, [{ take: 9 }])
    assert.deepEqual((await store.load(id)).inbox, [])
  }),
  fact('an inbox keeps 32 rows; a row too many is full and writes nothing', async store => {
    const row = { why: 'hold', row: 'x' } as const
    const rows = Array.from({ length: BOUNDS.inboxRows }, () => ({ append: row }))
    const { id, fence } = await begun(store)
    const now = await grown(store, id, fence, rows)
    const commit = aCommit(now, { append: row, replies: ['r'] })

    const outcome = await withoutTrace(store, id, () => store.commit(id, commit))
    assert.deepEqual(outcome, { tag: 'full', what: 'inbox', untilMs: null })

    await done(store, id, aCommit(now, { append: row, take: 1 }))
    assert.equal((await store.load(id)).inbox.length, BOUNDS.inboxRows)
  }),
  fact('parked rows are kept in order, the newest 100 of them', async store => {
    const { id, fence } = await begun(store, { park: 'row 0' })
    const now = await grown(store, id, fence, [{}, { park: 'row 1' }])
    assert.deepEqual(await store.parked(id), ['row 0', 'row 1'])

    const more = Array.from({ length: BOUNDS.parkedRows }, (_, at) => ({ park: `row ${at + 2}` }))
    await grown(store, id, now, more)

    const rows = await store.parked(id)
    assert.deepEqual([rows.length, rows[0], rows.at(-1)], [100, 'row 2', 'row 101'])
  }),
  fact('what is set aside is parked between the unreadable record and the event', async store => {
    const { id, fence } = await begun(store)
    await done(
      store,
      id,
      aCommit(fence, { unreadable: 'record', setAside: ['one', 'two'], park: 'event' })
    )

    assert.deepEqual(await store.parked(id), ['record', 'one', 'two', 'event'])
  }),
  fact('what alone is set aside is listed as parked', async store => {
    const { id, fence } = await begun(store)
    await done(store, id, aCommit(fence, { setAside: ['one'] }))

    assert.deepEqual(await store.parked(id), ['one'])
    assert.ok((await store.parkedList(null, 1_000)).ids.includes(id))
    assert.notEqual((await store.export(id)).listed.parked, null)
  }),
  fact('replies are parked by the commit that acknowledges them, or not at all', async store => {
    const { id, fence } = await begun(store, { replies: ['a', 'b', 'c'] })
    const parking = { acknowledgedThrough: 2, setAside: ['a was refused'] }
    const next = await done(store, id, aCommit(fence, { ...parking, replies: ['d'] }))

    const late = aCommit(fence, parking)
    const refused = await withoutTrace(store, id, () => store.commit(id, late))
    assert.equal(refused.tag, 'conflict')
    assert.deepEqual(await store.parked(id), ['a was refused'])
    assert.deepEqual(await sequences(store, id), [3, 4])

    const again = aCommit(next.fence, { acknowledgedThrough: 4, setAside: ['c', 'd'] })
    await done(store, id, again)
    // An answer that was lost: the same commit under its own head parks nothing twice.
    await done(store, id, again)
    assert.deepEqual(await store.parked(id), ['a was refused', 'c', 'd'])
    assert.deepEqual(await sequences(store, id), [])
  })
]
