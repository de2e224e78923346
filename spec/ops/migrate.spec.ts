import assert from 'node:assert/strict'
import type { Migration } from '../../lib/conversation/migration.ts'
import { fail } from '../../lib/kernel/failure.ts'
import { type MigrateProgress, migrate } from '../../lib/ops/migrate/migrate.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { decodeRecord } from '../../lib/store/envelope.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aCommit, aPrint, everything } from '../../lib/testing/store-contract/store-check.ts'
import {
  kept,
  MIGRATIONS,
  migratingBot,
  type Opened,
  opened,
  ordering,
  type Schema
} from '../support/migrating-bot.ts'

const FAST = { perSecond: 1_000_000 }

describe('all records of a store, brought to another schema', () => {
  let store: ConversationStore
  let seeded: Opened
  let ids: string[]

  beforeEach(async () => {
    store = memoryStore({ clock: simulatedClock({ startMs: 1_000_000_000 }) })
    seeded = await opened(store)
    ids = []
  })

  async function seed(count: number, schemaOf: (nth: number) => Schema): Promise<void> {
    for (let nth = 0; nth < count; nth += 1) {
      ids.push(await kept(seeded, ordering(schemaOf(nth), `u${nth}`)))
    }
  }
  const recordOf = async (id: string): Promise<{ schema: number; value: unknown }> => {
    const { record } = await store.load(id)
    const read = decodeRecord(record ?? '', { conversation: id, ring: seeded.ring, schema: 9 })
    return read.tag === 'decoded' ? read : assert.fail(read.failure.detail)
  }

  it('go there in one commit each, and back: 200 of schemas 1 and 2', async () => {
    await seed(200, nth => (nth % 2 === 0 ? 1 : 2))

    const up = await migrate({ bot: migratingBot(3), store }, FAST)

    assert.deepEqual(up, {
      to: 3,
      dryRun: false,
      stopped: false,
      done: 200,
      schemas: { 3: 200 },
      unreadable: 0,
      left: 0,
      failures: [],
      failed: 0
    })
    for (const [nth, id] of ids.entries()) {
      assert.deepEqual((await recordOf(id)).value, ordering(3, `u${nth}`))
      assert.equal((await store.load(id)).fence?.version, 2)
    }

    const down = await migrate({ bot: migratingBot(3), store }, { ...FAST, to: 2 })

    assert.deepEqual([down.done, down.schemas], [200, { 2: 200 }])
    for (const [nth, id] of ids.entries()) {
      assert.deepEqual((await recordOf(id)).value, ordering(2, `u${nth}`))
    }
  })

  it('are counted by a dry run, which writes nothing', async () => {
    await seed(30, nth => ((nth % 3) + 1) as Schema)
    const before = await Promise.all(ids.map(id => everything(store, id)))

    const report = await migrate({ bot: migratingBot(3), store }, { ...FAST, dryRun: true })

    assert.deepEqual([report.done, report.left], [20, 20])
    assert.deepEqual(report.schemas, { 1: 10, 2: 10, 3: 10 })
    assert.deepEqual(await Promise.all(ids.map(id => everything(store, id))), before)
  })

  it('keep all that stands beside them, and their place in the list', async () => {
    const print = aPrint()
    const row = { why: 'future', row: 'waits' } as const
    const beside = { append: row, replies: ['one', 'two'], park: 'parked', fingerprint: print }
    const call = { key: 'k', row: 'call' }
    ids = [await kept(seeded, ordering(1, 'u'), { ...beside, openCall: call, effect: true })]
    const [id = ''] = ids
    const before = await store.load(id)

    await migrate({ bot: migratingBot(3), store }, FAST)

    const after = await store.load(id)
    const { fence, record, newestHead, dueMs, ...others } = after
    const { fence: f, record: r, newestHead: n, dueMs: d, ...othersBefore } = before
    assert.deepEqual(others, othersBefore)
    assert.notEqual(record, r)
    assert.equal(fence?.version, (f?.version ?? 0) + 1)
    assert.equal(newestHead, fence.head)
    assert.notEqual(newestHead, n)
    // What waited for this schema is due at once.
    assert.deepEqual([d, dueMs], [null, after.nowMs])
    assert.deepEqual(await store.parked(id), ['parked'])
    const again = await store.commit(id, aCommit(fence, { fingerprint: print }))
    assert.equal(again.tag, 'duplicate')
    const [newest] = await store.history(id, { limit: 1 })
    const { causes, notes, full } = JSON.parse(newest?.row ?? '{}') as Record<string, unknown>
    assert.deepEqual(causes, [{ kind: 'Migration', id: '1-3' }])
    assert.deepEqual(notes, [{ kind: 'migrated', from: 1, to: 3 }])
    assert.equal(full, record)
  })

  it('stay where they are in the list by activity', async () => {
    for (const [nth, user] of ['a', 'b', 'c'].entries()) {
      const record = ordering(1, user)
      const meta = { ...record.meta, updatedAt: (nth + 1) * 60_000 }
      ids.push(await kept(seeded, { ...record, meta }))
    }
    const { ids: listed } = await store.list(null, 10)

    await migrate({ bot: migratingBot(3), store }, FAST)

    assert.deepEqual((await store.list(null, 10)).ids, listed)
  })

  it('are left alone where a step throws or what it gives is no state', async () => {
    await seed(3, () => 1)
    const [first, second] = MIGRATIONS
    const up: Migration['up'] = state => {
      const { user } = state.core['channel'] as { user: string }
      if (user === 'u0') throw new TypeError(`planned ${user}`)
      return user === 'u1' ? { ...state, core: { ...state.core, member: 7 } } : first!.up(state)
    }
    const bot = migratingBot(3, [
      { ...first!, up },
      { ...second!, up: state => state }
    ])
    const before = await Promise.all(ids.map(id => everything(store, id)))

    const report = await migrate({ bot, store }, FAST)

    const { done, left, failed, failures } = report
    assert.deepEqual([done, left, failed], [0, 3, 3])
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['CHP_RECORD_CORRUPT', 'CHP_RECORD_CORRUPT', 'CHP_RECORD_CORRUPT']
    )
    const detail = (id: string | undefined): string =>
      failures.find(({ conversation }) => conversation === id)?.detail ?? ''
    assert.match(detail(ids[0]), /^At record: migration 1 to 2 threw: TypeError/)
    assert.match(detail(ids[1]), /^The migrated record is no state: at core\.member/)
    assert.match(detail(ids[2]), /^The migrated record is no state: at core\.member.*\.tier, /)
    assert.doesNotMatch(failures.map(failure => failure.detail).join(), /planned|u0/)
    assert.deepEqual(await Promise.all(ids.map(id => everything(store, id))), before)
  })

  it('are left alone and counted where no step leads on from them', async () => {
    await seed(4, nth => (nth < 3 ? 1 : 2))

    const report = await migrate({ bot: migratingBot(3, MIGRATIONS.slice(1)), store }, FAST)

    assert.deepEqual(report.schemas, { 1: 3, 3: 1 })
    assert.deepEqual([report.left, report.failed, report.done], [3, 3, 1])
    assert.equal(report.failures[0]?.code, 'CHP_MIGRATION_MISSING')
  })

  it('are left alone and counted when damaged or of a newer build', async () => {
    await seed(2, () => 1)
    await kept(seeded, ordering(3, 'newer'))
    ids.push(await kept(seeded, ordering(1, 'cut'), { record: 'L01 1 e' }))

    const report = await migrate({ bot: migratingBot(2), store }, FAST)

    assert.deepEqual([report.done, report.unreadable, report.left], [2, 2, 2])
    assert.deepEqual(report.failures.map(({ code }) => code).toSorted(), [
      'CHP_RECORD_CORRUPT',
      'CHP_RECORD_FUTURE'
    ])
  })

  it('are brought there beside one that the store cannot read, which is named', async () => {
    await seed(3, () => 2)
    const load = store.load.bind(store)
    store.load = async id => (id === ids[1] ? fail('CHP_RECORD_CORRUPT', 'planned') : load(id))

    const { done, failed, failures } = await migrate({ bot: migratingBot(3), store }, FAST)

    assert.deepEqual([done, failed], [2, 1])
    assert.deepEqual(
      failures.map(({ conversation, code }) => [conversation, code]),
      [[ids[1], 'CHP_RECORD_CORRUPT']]
    )
  })

  it('are refused a schema that there is no way to', async () => {
    const bot = migratingBot(2)
    await assert.rejects(migrate({ bot, store }, { to: 3 }), /CHP_INPUT_INVALID: .* schema 2/)
    await assert.rejects(migrate({ bot, store }, { to: 1.5 }), /CHP_INPUT_INVALID/)
    await assert.rejects(migrate({ bot, store }, { batch: 0 }), /CHP_INPUT_INVALID/)
    const one = migratingBot(3, MIGRATIONS.slice(1))
    await assert.rejects(migrate({ bot: one, store }, { to: 1 }), /CHP_MIGRATION_MISSING/)
  })

  it('are tried again where somebody else commits meanwhile', async () => {
    await seed(2, () => 1)
    const load = store.load.bind(store)
    let raced = false
    store.load = async id => {
      const loaded = await load(id)
      if (id !== ids[0] || raced) return loaded
      raced = true
      const { fence, record } = loaded
      await store.commit(id, aCommit(fence, { record: record ?? '' }))
      return loaded
    }

    const report = await migrate({ bot: migratingBot(3), store }, FAST)

    assert.ok(raced)
    assert.deepEqual([report.done, report.left], [2, 0])
    assert.equal((await load(ids[0]!)).fence?.version, 3)
  })

  it('are gone on with where a run was stopped', async () => {
    await seed(40, () => 1)
    const stop = new AbortController()
    const told: MigrateProgress[] = []
    const onProgress = (progress: MigrateProgress): void => {
      told.push(progress)
      if (progress.done >= 20) stop.abort()
    }
    const given = { bot: migratingBot(3), store }
    const first = await migrate(given, { ...FAST, batch: 10, onProgress, signal: stop.signal })

    assert.deepEqual([first.stopped, first.done], [true, 20])
    assert.deepEqual(
      told.map(({ pass, seen, done }) => [pass, seen, done]),
      [
        [1, 10, 10],
        [1, 20, 20]
      ]
    )

    const second = await migrate(given, { ...FAST, batch: 10 })
    assert.deepEqual([second.stopped, second.done, second.left], [false, 20, 0])
  })

  it('are walked through no faster than they may be', async () => {
    await seed(30, () => 1)
    const clock = simulatedClock({ startMs: 1_000_000_000 })
    const waits: number[] = []
    const paced = {
      ...clock,
      after: (delayMs: number, wake: () => void) => {
        waits.push(delayMs)
        clock.advanceTo(clock.nowMs() + delayMs)
        wake()
        return () => undefined
      }
    }

    await migrate({ bot: migratingBot(3), store, clock: paced }, { batch: 10, perSecond: 5 })

    // Two pauses a walk: behind the last page nothing is waited for.
    assert.deepEqual(waits, [2_000, 2_000, 2_000, 2_000])
  })
})
