import assert from 'node:assert/strict'
import { systemRandom } from '../../kernel/random.ts'
import { BOUNDS, type ConversationStore } from '../../store/conversation-store.ts'
import {
  aCommit,
  aHead,
  anId,
  begun,
  done,
  fact,
  factOfTwo,
  grown,
  type StoreCheck
} from './store-check.ts'

const HOSTILE = [
  'NUL \0 inside',
  'emoji 👩‍👩‍👧 and é, e\u0301, \u202eright to left',
  'lines \r\n \u2028 \u2029 \u0085',
  '{"__proto__":{"polluted":true}}',
  '',
  ' ',
  'a:b:c {tag} %s %00 [[ ]]',
  '\ufeffmark',
  '\uffff\u{10ffff}'
]

/** History, lists, and texts that must come back as they went in. */
export const readingChecks: readonly StoreCheck[] = [
  fact('texts come back byte for byte', async store => {
    for (const text of HOSTILE) {
      const { id } = await begun(store, {
        record: text,
        replies: [text],
        openCall: { key: `k${text}`, row: text },
        append: { why: 'hold', row: text },
        history: text,
        park: text
      })

      const loaded = await store.load(id)
      assert.equal(loaded.record, text)
      assert.deepEqual(loaded.undelivered, [{ sequence: 1, row: text }])
      assert.deepEqual(loaded.calls, [{ key: `k${text}`, row: text }])
      assert.deepEqual(loaded.inbox, [{ why: 'hold', row: text }])
      assert.equal((await store.history(id, { limit: 1 }))[0]?.row, text)
      assert.deepEqual(await store.parked(id), [text])
    }
  }),
  fact('a lone surrogate, which UTF-8 cannot say, comes back as U+FFFD', async store => {
    const { id } = await begun(store, { record: 'a\ud800b' })

    assert.equal((await store.load(id)).record, 'a\ufffdb')
  }),
  fact('history lists every commit and deferral, the newest first', async store => {
    const heads = [aHead(), aHead(), aHead()]
    const changes = heads.map((head, at) => ({ head, history: `row ${at}` }))
    const { id, fence } = await begun(store, changes[0])
    await grown(store, id, fence, changes.slice(1))

    const rows = await store.history(id, { limit: 10 })

    assert.deepEqual(rows, [
      { head: heads[2], row: 'row 2' },
      { head: heads[1], row: 'row 1' },
      { head: heads[0], row: 'row 0' }
    ])
    assert.deepEqual(await store.history(id, { limit: 1 }), rows.slice(0, 1))
    assert.deepEqual((await store.recoverable(id)).history, rows)
    assert.deepEqual(await store.history(anId(), { limit: 5 }), [])
  }),
  fact('history is trimmed past 36 rows to the newest 20', async store => {
    const { id, fence } = await begun(store)
    const most = await grown(
      store,
      id,
      fence,
      Array.from({ length: 35 }, () => ({}))
    )
    assert.equal((await store.history(id, { limit: 99 })).length, 36)

    const trimmed = await grown(store, id, most, [{ history: 'newest' }])

    const rows = await store.history(id, { limit: 99 })
    assert.equal(rows.length, BOUNDS.historyRowsKept)
    assert.equal(rows[0]?.row, 'newest')
    assert.equal(rows[0]?.head, trimmed.head)
  }),
  fact('history is trimmed to 64 KB, row by row from the newest', async store => {
    const { id, fence } = await begun(store)
    const rows = Array.from({ length: 36 }, () => ({ history: 'h'.repeat(8000) }))
    await grown(store, id, fence, rows)

    assert.equal((await store.history(id, { limit: 99 })).length, 8)
  }),
  fact('one history row is kept, however large', async store => {
    const { id, fence } = await begun(store)
    const rows = Array.from({ length: 36 }, () => ({ history: 'h'.repeat(70_000) }))
    await grown(store, id, fence, rows)

    assert.equal((await store.history(id, { limit: 99 })).length, 1)
  }),
  fact('conversations are listed by last activity, the newest first, page by page', async store => {
    // Far in the future of everything else that may be stored, so that these come first.
    const base = 60_000 * Math.floor(1e9 + systemRandom.fraction() * 1e10)
    const ids: string[] = []
    for (let at = 0; at < 7; at += 1) {
      ids.unshift((await begun(store, { activeMs: base + at * 60_000 + 59_999 })).id)
    }

    assert.deepEqual(await walked(store, 3, ids.length), ids)

    const oldest = ids.at(-1)!
    const { fence } = await store.load(oldest)
    await done(store, oldest, aCommit(fence, { activeMs: base + 8 * 60_000 }))
    assert.deepEqual(await walked(store, 1, 2), [oldest, ids[0]])
    await forget(store, ids)
  }),
  fact('conversations of one minute are listed once each', async store => {
    const activeMs = 60_000 * Math.floor(1e9 + systemRandom.fraction() * 1e10)
    const made = await Promise.all(
      Array.from({ length: 9 }, async () => (await begun(store, { activeMs })).id)
    )

    const listed = await walked(store, 2, made.length)

    assert.deepEqual(listed.toSorted(), made.toSorted())
    await forget(store, made)
  }),
  fact('a list that is walked to its end names every conversation once and ends', async store => {
    const { id } = await begun(store)
    const erased = await begun(store)
    await forget(store, [erased.id])

    const all = await walked(store, 50, Number.POSITIVE_INFINITY)

    assert.equal(new Set(all).size, all.length)
    assert.ok(all.includes(id))
    assert.ok(!all.includes(erased.id))
  }),
  fact('the time of a load is the time of the store', async store => {
    const before = await store.time()
    const { nowMs } = await store.load(anId())
    const after = await store.time()

    assert.ok(before <= nowMs && nowMs <= after, `${before} ${nowMs} ${after}`)
  }),
  fact('opening again gives the secrets that were kept first', async store => {
    const kept = await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })

    const again = await store.open({
      idKey: systemRandom.bytes(32),
      sealKey: systemRandom.bytes(32)
    })

    assert.deepEqual(again.secrets, kept.secrets)
    assert.equal(again.secrets.idKey.length, 32)
    assert.notEqual(again.durability, '')
  }),
  factOfTwo('processes share the secrets and see each other’s commits', async (store, other) => {
    const [mine, theirs] = await Promise.all(
      [store, other].map(async at =>
        at.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
      )
    )
    const { id, fence } = await begun(store, { record: 'mine' })

    assert.deepEqual(mine!.secrets, theirs!.secrets)
    assert.equal((await other.load(id)).record, 'mine')
    await done(other, id, aCommit(fence, { record: 'theirs' }))
    assert.equal((await store.load(id)).record, 'theirs')
  })
]

async function walked(store: ConversationStore, limit: number, atLeast: number): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page = await store.list(cursor, limit)
    assert.ok(page.ids.length <= limit)
    assert.ok(!page.ids.some(id => ids.includes(id)), 'a conversation is listed twice')
    ids.push(...page.ids)
    cursor = page.cursor
  } while (cursor !== null && ids.length < atLeast)
  return ids.slice(0, Math.min(ids.length, atLeast))
}

async function forget(store: ConversationStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { fence } = await store.load(id)
    assert.equal(await store.erase(id, fence!.epoch, `${fence!.epoch}x`), 'erased')
  }
}
