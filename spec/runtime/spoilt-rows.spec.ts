import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { Loaded } from '../../lib/store/conversation-store.ts'
import { aCall, type ControlledCall } from '../support/a-call.ts'
import { type ChainOptions, chainProgram } from '../support/chain-program.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import { cutBeforeCore } from '../support/rewritten-record.ts'

/** Answers `many` with three replies that are not the same. */
const many: NonNullable<ChainOptions['hook']> = (state, event) => {
  if (event.kind !== 'Inbound' || event.content.kind !== 'text') return undefined
  if (event.content.text !== 'many') return undefined
  const replies = ['one', 'two', 'three'].map(text => ({ kind: 'text' as const, text }))
  return { tag: 'commit', next: state, replies, call: null, audit: [] }
}
const OK = { outcome: 'ok', output: { n: 1 } } as const

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`a damaged row beside the record, on the ${kind} store`, () => {
    let place: Damageable
    let talker: Talker
    let pay: ControlledCall
    let id: string

    beforeEach(async () => {
      place = await damageable(kind)
    })
    afterEach(async () => {
      await talker.stop()
      await place.remove()
    })

    /** Another process, after the lease of the one before; its calls wait to be answered. */
    async function again(): Promise<void> {
      if (pay !== undefined) await talker.stop()
      pay = aCall('pay')
      place.clock.advanceTo(place.clock.nowMs() + 15_000)
      talker = await place.start(chainProgram({ calls: { pay: pay.definition }, hook: many }))
      ;({ id } = talker.chat())
    }
    async function begun(...said: readonly string[]): Promise<Loaded> {
      await again()
      for (const [nth, words] of said.entries()) {
        await talker.say(`m${nth}`, words)
        await talker.settle(1)
      }
      return talker.store.load(id)
    }
    const cut = (row: string | undefined): void => {
      assert.ok(row)
      place.spoil(row, row.slice(0, row.length >> 1))
    }
    const repliesOf = (receipt: Receipt): readonly string[] =>
      'replies' in receipt ? receipt.replies.map(reply => ('text' in reply ? reply.text : '')) : []
    const parked = async () =>
      (await talker.store.parked(id)).map(text => JSON.parse(text) as Record<string, unknown>)

    it('is passed over when it is a reply: those around it go out, in order', async () => {
      const { undelivered } = await begun('many')
      const { sequence, row = '' } = undelivered[1] ?? {}
      cut(row)
      await again()

      const receipt = await talker.say('n1', 'hi')

      assert.deepEqual(repliesOf(receipt), ['one', 'three', '1 n1'])
      assert.deepEqual(
        (await parked()).map(({ row: name, raw }) => [name, raw]),
        [[`reply/${sequence}`, row.slice(0, row.length >> 1)]]
      )
      const set = {
        what: 'reply',
        id: String(sequence),
        rule: 'A stored reply row does not decode.'
      }
      assert.deepEqual(talker.setAside, [{ conversation: id, version: 2, rows: [set] }])
      assert.deepEqual(await newestNotes(), [{ kind: 'setAside', ...set }])
      const lines = talker.log.filter(({ event }) => event === 'row.set-aside')
      assert.deepEqual(
        lines.map(({ what, rule }) => [what, rule]),
        [['reply', set.rule]]
      )
    })

    it('is parked once, however often the conversation is loaded before it goes', async () => {
      const { undelivered } = await begun('many')
      cut(undelivered[1]?.row)
      for (const nth of [1, 2, 3]) {
        await again()
        assert.equal((await talker.say(`n${nth}`, 'silent')).tag, 'committed')
      }

      assert.equal((await parked()).length, 1)
      await talker.say('n4', 'silent')
      assert.deepEqual((await talker.store.load(id)).undelivered, [])
    })

    it('is found by its checksum where it still parses', async () => {
      const { undelivered } = await begun('many')
      const { row = '' } = undelivered[0] ?? {}
      place.spoil(row, row.replace('"text":"one"', '"text":"six"'))
      await again()

      assert.deepEqual(repliesOf(await talker.say('n1', 'hi')), ['two', 'three', '1 n1'])

      assert.equal(talker.setAside[0]?.rows[0]?.rule, 'A stored reply row fails its checksum.')
    })

    for (const [where, damaged, left] of [
      ['first', [0], ['m2', 'm3']],
      ['in the middle', [1], ['m1', 'm3']],
      ['last', [2], ['m1', 'm2']],
      ['all there are', [0, 1, 2], []]
    ] as const)
      it(`is taken with the others when it is a waiting message: ${where}`, async () => {
        const { inbox } = await begun('call pay', 'a', 'b', 'c')
        for (const nth of damaged) cut(inbox[nth]?.row)
        await again()
        await talker.wake('u', 1)
        pay.answer(OK)
        await talker.settle()
        await talker.wake()

        assert.equal((await talker.say('n1', 'hi')).tag, 'committed')

        assert.deepEqual((await talker.store.load(id)).inbox, [])
        assert.deepEqual(taken(), [...left, 'n1'])
        assert.equal((await parked()).length, damaged.length)
        assert.equal(talker.setAside.flatMap(({ rows }) => rows).length, damaged.length)
      })

    it('waits for its key where nothing shows that this is here', async () => {
      const { inbox } = await begun('call pay', 'a')
      const { row = '' } = inbox[0] ?? {}
      // Whole by its checksum, and sealed by a key of another name.
      place.spoil(row, row.replace(/^store\.(.*)~.*$/, 'other.$1'))
      await again()
      await talker.wake('u', 1)
      pay.answer(OK)
      await talker.settle()

      const receipt = await talker.say('n1', 'hi')

      assert.deepEqual([receipt.tag, (await talker.store.load(id)).inbox.length], ['shed', 1])
      assert.equal(talker.alarms[0]?.failure.code, 'CHP_SEAL_KEY_UNKNOWN')
    })

    it('ends its call with an unknown outcome, and what waited for that goes on', async () => {
      const { calls } = await begun('call pay', 'a')
      cut(calls[0]?.row)
      await again()

      await talker.wake()

      assert.deepEqual(talker.texts(), ['unreachable unknown', '3 m1'])
      assert.deepEqual((await talker.store.load(id)).calls, [])
      assert.equal(pay.made.length, 0)
      assert.deepEqual(
        (await parked()).map(({ row }) => row),
        [`call/${calls[0]?.key}`]
      )
    })

    it('stops nothing when the record itself is damaged, too', async () => {
      const { calls, inbox } = await begun('call pay', 'a', 'b')
      cut(calls[0]?.row)
      cut(inbox[0]?.row)
      await place.rewrite(id, cutBeforeCore)
      await again()

      const receipts = [await talker.say('n1', 'hi'), await talker.say('n2', 'hi')]
      await talker.wake()
      const last = await talker.say('n3', 'hi')

      assert.deepEqual(
        [...receipts, last].map(({ tag }) => tag),
        ['committed', 'committed', 'committed']
      )
      const { inbox: waiting, calls: open } = await talker.store.load(id)
      assert.deepEqual([waiting, open], [[], []])
    })

    it('is not looked at where another build is to read the record', async () => {
      const { undelivered, record } = await begun('say 2')
      cut(undelivered[0]?.row)
      await talker.stop()
      talker = await place.start({ ...chainProgram(), schema: 0 })

      const receipt = await talker.say('n1', 'hi')

      assert.equal(receipt.tag, 'deferred')
      assert.deepEqual(await talker.store.parked(id), [])
      assert.equal((await talker.store.load(id)).record, record)
    })

    it('is parked beside both slots of the record, when neither can be read', async () => {
      await begun('a', 'b', 'c')
      await place.rewrite(id, cutBeforeCore)
      const { slots } = await talker.store.recoverable(id)
      await again()

      await talker.say('n1', 'hi')

      const kept = await talker.store.parked(id)
      assert.deepEqual(kept.slice(0, 2).toSorted(), slots.toSorted())
    })

    /** Ids of the messages that were taken, in order. */
    const taken = (): readonly string[] =>
      talker.turns.flatMap(({ event }) => (event.kind === 'Inbound' ? event.id : []))
    async function newestNotes(): Promise<unknown> {
      const [row] = await talker.store.history(id, { limit: 1 })
      return (JSON.parse(row?.row ?? '{}') as { notes: unknown }).notes
    }
  })
