import assert from 'node:assert/strict'
import type { ConversationStore, Exported, Rewrite } from '../../store/conversation-store.ts'
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
  grown,
  type StoreCheck
} from './store-check.ts'

const NOTHING: Rewrite = { slots: [], calls: [], inbox: [], history: [], parked: [] }

/** All that is stored of a conversation, and texts put in the place of others. */
export const exportChecks: readonly StoreCheck[] = [
  fact('an export holds everything that was stored, under its name', async store => {
    const { id, print, dueMs, alias } = await aFullOne(store)

    const { fence, seen, rest, ...told } = await store.export(id)

    const { fence: known, nowMs, ...loaded } = await store.load(id)
    assert.ok(nowMs <= dueMs)
    assert.deepEqual([fence?.epoch, fence?.version], [known?.epoch, known?.version])
    assert.deepEqual(told, {
      ...loaded,
      ...(await store.recoverable(id)),
      parked: ['raw', 'p'],
      aliases: [alias],
      wakeMs: dueMs,
      listed: { index: 30_000_000, parked: 30_000_000, held: 30_000_000 }
    } satisfies Omit<Exported, 'fence' | 'seen' | 'rest'>)
    assert.deepEqual(told.slots, ['r4', 'r2'])
    assert.deepEqual(
      [told.calls, told.inbox.length, told.undelivered.length],
      [[{ key: 'k:1', row: 'c' }], 2, 2]
    )
    assert.equal(seen.length, 1)
    assert.match(seen[0]!, new RegExp(`^${print}[0-9a-f]{8}0001$`))
    assert.deepEqual(rest, {})
  }),
  fact('an export of nothing, a tombstone or an alias says so', async store => {
    const empty = await store.export(anId())
    assert.deepEqual([empty.fence, empty.slots, empty.seen, empty.rest], [null, [], [], {}])
    const { id, fence } = await begun(store, { fingerprint: aPrint(), park: 'p' })
    const alias = anId()
    await store.setAlias(id, fence.epoch, alias)
    assert.deepEqual(await store.export(alias), { ...empty, aliasOf: id })

    await store.erase(id, fence.epoch, anEpoch())

    const left = await store.export(id)
    assert.deepEqual([left.fence?.version, left.seen.length], [0, 1])
    assert.deepEqual({ ...left, fence: null, seen: [] }, empty)
  }),
  fact('texts put in the place of others change nothing else', async store => {
    const { id } = await aFullOne(store)
    const { fence, ...before } = await store.export(id)
    const rows: Rewrite = {
      slots: ['R4', 'R2'],
      calls: [{ key: 'k:1', row: 'C' }],
      inbox: [null, 'LATER'],
      history: [null, 'H3', null, 'H1'],
      parked: ['RAW', null]
    }

    assert.equal(await store.rewrite(id, fence!, rows), 'done')

    const { fence: after, ...told } = await store.export(id)
    assert.deepEqual([after?.version, after?.head], [fence?.version, fence?.head])
    const [first, second] = before.inbox
    assert.deepEqual(told, {
      ...before,
      record: 'R4',
      slots: ['R4', 'R2'],
      calls: [{ key: 'k:1', row: 'C' }],
      inbox: [first, { ...second, row: 'LATER' }],
      history: before.history.map((row, at) => ({ ...row, row: rows.history[at] ?? row.row })),
      parked: ['RAW', 'p']
    })
    await done(store, id, aCommit(after))
  }),
  fact(
    'what is parked leaves its list when asked, and is in it again with the next',
    async store => {
      const { id, fence } = await begun(store, { park: 'p' })
      const listed = async (): Promise<boolean> =>
        (await store.export(id)).listed.parked !== null &&
        (await store.parkedList(null, 10_000)).ids.includes(id)
      assert.equal(await listed(), true)
      const { parked: before } = await store.stats()

      assert.equal(await store.rewrite(id, fence, { ...NOTHING, unlistParked: true }), 'done')
      assert.equal(await store.rewrite(id, fence, { ...NOTHING, unlistParked: true }), 'done')

      assert.equal(await listed(), false)
      assert.equal((await store.stats()).parked, before - 1)
      assert.deepEqual((await store.export(id)).parked, ['p'])
      await grown(store, id, fence, [{ park: 'q' }])
      assert.equal(await listed(), true)
      assert.equal((await store.stats()).parked, before)
    }
  ),
  fact('texts are put only on the very commit they were read at', async store => {
    const { id, fence } = await begun(store, { record: 'one' })
    await grown(store, id, fence, [{ record: 'two' }])
    const before = await everything(store, id)

    assert.equal(await store.rewrite(id, fence, { ...NOTHING, slots: ['late'] }), 'conflict')
    assert.equal(await store.rewrite(anId(), fence, { ...NOTHING, slots: ['late'] }), 'conflict')

    assert.deepEqual(await everything(store, id), before)
  }),
  fact('texts for places that are empty are put nowhere', async store => {
    const { id, fence } = await begun(store, { record: 'one' })
    const before = await store.export(id)
    const calls = [{ key: 'nobody', row: 'x' }]
    const rows = { slots: [null, 'x'], calls, inbox: ['x'], history: [null, 'x'], parked: ['x'] }

    assert.equal(await store.rewrite(id, fence, rows), 'done')

    assert.deepEqual(await store.export(id), before)
  })
]

/** A conversation with something in every place there is. */
async function aFullOne(store: ConversationStore) {
  const fingerprint = aPrint(3)
  const dueMs = (await store.time()) + 5_000_000
  const activeMs = 30_000_000 * 60_000
  const append = { why: 'hold', row: 'waits' } as const
  const parking = { unreadable: 'raw', park: 'p', held: true, append }
  const { id, fence } = await begun(store, { fingerprint, replies: ['a', 'b'], activeMs })
  const last = await grown(store, id, fence, [
    { record: 'r2', replies: ['c'], acknowledgedThrough: 1, activeMs },
    { record: 'r3', openCall: { key: 'k:1', row: 'c' }, attached: true, activeMs },
    { ...parking, record: 'r4', effect: true, activeMs, dueMs }
  ])
  await store.defer(id, aDeferral(last.epoch, { row: { why: 'call', row: 'waits, too' } }))
  const alias = anId()
  await store.setAlias(id, last.epoch, alias)
  return { id, dueMs, alias, print: Buffer.from(fingerprint).toString('hex') }
}
