import assert from 'node:assert/strict'
import type { Migration } from '../../lib/conversation/migration.ts'
import { encodeRecord } from '../../lib/store/envelope.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import {
  kept,
  MIGRATIONS,
  migratingBot,
  opened,
  ordering,
  type Schema
} from '../support/migrating-bot.ts'

interface Row {
  readonly from: string
  readonly notes: readonly { kind: string; rung?: number; passed?: boolean; rule?: string }[]
}

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`a record of an older schema, on the ${kind} store`, () => {
    let place: Damageable
    let talker: Talker
    let id: string

    beforeEach(async () => {
      place = await damageable(kind)
    })
    afterEach(async () => {
      await talker.stop()
      await place.remove()
    })

    async function started(schema: Schema, of: Schema, migrations?: readonly Migration[]) {
      talker = await place.start(migratingBot(of, migrations))
      id = await kept(await opened(talker.store), ordering(schema, 'u'))
    }
    const schemaStored = async (): Promise<string> =>
      ((await talker.store.load(id)).record ?? '').split(' ')[1] ?? ''

    for (const schema of [1, 2, 3] as const)
      it(`is gone on with as if it had been written today: schema ${schema}`, async () => {
        await started(schema, 3)

        await talker.say('m1', 'no')

        assert.deepEqual(talker.texts(), ['No.'])
        assert.equal(await schemaStored(), '3')
        assert.deepEqual(talker.recovered, [])
        const { core, flow } = talker.turns[0]!.record
        assert.deepEqual(core.member, { first: 'u', last: 'Byron', tier: 0 })
        assert.deepEqual(flow.data, { cents: 1200, currency: 'EUR' })
        assert.deepEqual(flow.caller?.data, { visits: 7 })
        assert.equal(flow.prompt?.instance, 'e.1.0.n')
        assert.equal(core.token?.value.reveal(), 'token-of-u')
        const migrated = schema === 3 ? [] : [{ kind: 'migrated', from: schema, to: 3 }]
        assert.deepEqual((await newestNotes()).slice(0, 1), migrated)
        await talker.say('m2', 'no')
        assert.deepEqual(await newestNotes(), [])
      })

    it('is written with the next effect and not before', async () => {
      await started(1, 3)
      const before = await talker.store.load(id)

      const seen = await talker.chat().inspect()
      await talker.wake()

      assert.deepEqual(seen?.data, { cents: 1200, currency: 'EUR' })
      const after = await talker.store.load(id)
      assert.equal(after.record, before.record)
      assert.equal(after.fence?.version, 1)
    })

    it('that no step leads on from waits, untouched, and a person is told', async () => {
      await started(1, 3, MIGRATIONS.slice(1))
      const before = await talker.store.load(id)

      const receipts = [await talker.say('m1', '7'), await talker.say('m2', 'menu')]
      await talker.wake()

      assert.deepEqual(
        receipts.map(({ tag }) => tag),
        ['deferred', 'deferred']
      )
      const after = await talker.store.load(id)
      assert.equal(after.record, before.record)
      assert.deepEqual(
        talker.alarms.map(({ failure }) => [failure.code, failure.detail]),
        [['CHP_MIGRATION_MISSING', 'The record has schema 1, and there is no migration 1 to 2.']]
      )
      await assert.rejects(talker.chat().inspect(), /CHP_MIGRATION_MISSING/)

      await talker.stop()
      talker = await place.start(migratingBot(3))
      await talker.wake()
      assert.equal(talker.texts().length, 2)
      assert.deepEqual((await talker.store.load(id)).inbox, [])
    })

    it('of a deploy taken back waits for the newer build, and loses nothing', async () => {
      await started(3, 2)
      const before = await talker.store.load(id)

      const receipt = await talker.say('m1', '7')
      await talker.wake()

      assert.equal(receipt.tag, 'deferred')
      assert.equal((await talker.store.load(id)).record, before.record)
      await talker.stop()
      talker = await place.start(migratingBot(3))
      await talker.wake()
      assert.deepEqual(talker.texts(), ['Note?'])
    })

    it('whose step throws is damaged: its core is kept and the menu comes', async () => {
      const [first, second] = MIGRATIONS
      const up: Migration['up'] = state =>
        state.flow.flow === 'order' ? assert.fail('planned') : first!.up(state)
      await started(1, 3, [{ ...first!, up }, second!])

      await talker.say('m1', '7')

      assert.equal(talker.recovered[0]?.rung, 3)
      const [note] = await newestNotes()
      assert.equal(note?.rule, 'migration 1 to 2 threw: AssertionError')
      assert.deepEqual(talker.turns[0]?.record.core.member, { first: 'u', last: 'Byron', tier: 0 })
      assert.equal((await talker.store.parked(id)).length, 2)
    })

    it('is what the ladder goes back to, when a newer one is damaged', async () => {
      await started(1, 3)
      await talker.say('m1', '7')
      await talker.stop()
      await place.rewrite(id, ({ records, history }) => ({
        records: records.map(text => (text.includes(' 2 ') ? text.slice(0, -9) : text)),
        history: history.map(text => text.replace(/"full":"L01 3 [^"]*/, '"full":"'))
      }))
      talker = await place.start(migratingBot(3))

      await talker.say('m2', 'no')

      assert.equal(talker.recovered[0]?.rung, 2)
      assert.equal(talker.recovered[0].rungs.at(-1)?.version, 1)
      assert.deepEqual(talker.texts(), ['No.'])
      assert.deepEqual(talker.turns[0]?.record.flow.data, { cents: 1200, currency: 'EUR' })
    })

    it('that no step leads on from is not reset for a damaged newer one', async () => {
      await started(1, 3)
      await talker.say('m1', '7')
      await talker.stop()
      await place.rewrite(id, ({ records, history }) => ({
        records: records.map(text => (text.startsWith('L01 3') ? 'nothing' : text)),
        history: history.map(text => text.replace(/"full":"L01 3 [^"]*/, '"full":"'))
      }))
      talker = await place.start(migratingBot(3, []))

      const receipt = await talker.say('m2', 'no')

      assert.equal(receipt.tag, 'deferred')
      assert.equal(talker.alarms[0]?.failure.code, 'CHP_MIGRATION_MISSING')
    })

    it('has its open call driven on, under the name that it bears now', async () => {
      talker = await place.start(migratingBot(3))
      const seeded = await opened(talker.store)
      const call = { key: 'k', name: 'pay', origin: 'o', cause: 'm', effect: true }
      const calls = [{ ...call, attached: false, openedAtMs: 1 }]
      const input = seeded.ring.seal('{"cents":5}', [seeded.idOf('u'), 'e1', 'call/k'])
      const row = JSON.stringify({ name: 'pay', cause: 'm', by: 'gone', input })
      const record = { ...ordering(1, 'u'), calls }
      const place1 = { conversation: seeded.idOf('u'), epoch: 'e1', version: 1, ring: seeded.ring }
      id = await kept(seeded, record, {
        epoch: 'e1',
        record: encodeRecord(record, place1),
        openCall: { key: 'k', row }
      })

      await talker.wake()

      assert.deepEqual((await talker.store.load(id)).calls, [])
      const unknown = talker.log.filter(({ event }) => event === 'call.unknown')
      assert.deepEqual(unknown, [])
    })

    it('keeps the fields of its core that this build does not know', async () => {
      talker = await place.start(migratingBot(3))
      const record = ordering(3, 'u')
      const member = { ...(record.core.member as object), nick: 'Countess' }
      const core = { ...record.core, member, since: '2026-01-05' }
      id = await kept(await opened(talker.store), { ...record, core })

      await talker.say('m1', 'no')
      await talker.say('m2', '7')

      const { record: text } = await talker.store.load(id)
      assert.match(text ?? '', /"since":"2026-01-05"/)
      assert.match(text ?? '', /"nick":"Countess"/)
      assert.deepEqual(talker.recovered, [])
    })

    it('names a field of flow data that this build does not know', async () => {
      talker = await place.start(migratingBot(3))
      const record = ordering(3, 'u')
      const flow = { ...record.flow, data: { ...record.flow.data, tip: 1 } }
      id = await kept(await opened(talker.store), { ...record, flow })

      await talker.say('m1', 'no')

      const [note] = await newestNotes()
      assert.equal(note?.rule, 'flow "order": field "tip" is not declared')
    })

    async function newestNotes(): Promise<Row['notes']> {
      const [row] = await talker.store.history(id, { limit: 1 })
      return (JSON.parse(row?.row ?? '{}') as Row).notes
    }
  })
