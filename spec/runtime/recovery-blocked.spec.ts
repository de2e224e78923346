import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type * as t from 'io-ts'
import type { Program } from '../../lib/conversation/program.ts'
import { defineBot, type Invariant } from '../../lib/flow/index.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { type Core, smallBot } from '../flow/small-bot.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import { ledTo, type Place, payingBot } from '../support/paying-bot.ts'
import { rewrittenRecord } from '../support/rewritten-record.ts'

const newKey = new Uint8Array(32).fill(2)
const oldKey = new Uint8Array(32).fill(1)
const oldRing = keyRing({ active: 'old', keys: { old: oldKey } })
const newRing = keyRing({ active: 'new', keys: { new: newKey } })
const bothRing = keyRing({ active: 'new', keys: { new: newKey, old: oldKey } })
const wrongRing = keyRing({ active: 'old', keys: { old: newKey } })

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`a record that this process cannot read, on the ${kind} store`, () => {
    let place: Damageable
    let talker: Talker

    async function written(where: Place, bot: Program, keys = oldRing): Promise<string> {
      const first = await place.start(bot, { keys })
      await ledTo(where, first, payingBot().till)
      await first.stop()
      return first.chat().id
    }

    beforeEach(async () => {
      place = await damageable(kind)
    })
    afterEach(async () => {
      await talker.stop()
      await place.remove()
    })

    for (const [what, change] of [
      ['schema', newerSchema()],
      ['flow version', { invalid: () => null }]
    ] as const)
      it(`of a newer ${what} has its messages wait for a build that can`, async () => {
        const { bot } = payingBot()
        const newer = { ...bot, ...change }
        const id = await written('amount', newer)
        if (what === 'flow version')
          await place.rewrite(id, stored => ({
            ...stored,
            records: stored.records.map(text => rewrittenRecord(id, text, raised))
          }))
        const before = await (await place.start(newer, { keys: oldRing })).store.load(id)
        talker = await place.start(bot, { keys: oldRing })

        const receipts = [await talker.say('m1', '12'), await talker.say('m1', '12')]
        const told = await talker.chat().tell({ id: 't1', event: 'none' })
        await talker.wake()

        assert.deepEqual(
          [...receipts, told].map(({ tag }) => tag),
          ['deferred', 'duplicate', 'deferred']
        )
        const after = await talker.store.load(id)
        assert.equal(after.record, before.record)
        assert.deepEqual(
          after.inbox.map(({ why }) => why),
          ['future', 'future']
        )
        assert.equal(talker.alarms[0]?.failure.code, 'CHP_RECORD_FUTURE')
        assert.deepEqual([talker.alarms.length, talker.texts().length], [1, 0])
        await assert.rejects(talker.chat().inspect(), /CHP_RECORD_FUTURE/)
        if (what !== 'schema') return
        await talker.stop()
        talker = await place.start(newer, { keys: oldRing })
        await talker.wake()
        assert.deepEqual(talker.texts(), ['Which handle?'])
        assert.deepEqual((await talker.store.load(id)).inbox, [])
      })

    for (const [what, ring] of [
      ['is not here', newRing],
      ['bears the same name and is another', wrongRing]
    ] as const)
      it(`for its key ${what} keeps its messages until it is`, async () => {
        const { bot } = payingBot()
        const id = await written('amount', bot)
        talker = await place.start(bot, { keys: ring })
        const before = await talker.store.load(id)

        const receipt = await talker.say('m1', '12')
        await talker.wake()

        assert.equal(receipt.tag, 'deferred')
        const after = await talker.store.load(id)
        assert.equal(after.record, before.record)
        assert.equal(after.inbox[0]?.why, 'unreadable')
        assert.equal(talker.alarms.length, 1)
        assert.equal(talker.alarms[0]?.failure.code, 'CHP_SEAL_KEY_UNKNOWN')
        assert.deepEqual(await talker.store.parked(id), [])
        assert.equal(JSON.stringify(talker.log).includes('token-of-ada'), false)
        if (ring === wrongRing) return
        await talker.stop()
        talker = await place.start(bot, { keys: bothRing })
        await talker.wake()
        assert.deepEqual(talker.texts(), ['Which handle?'])
      })

    it('for a changed secret is damaged, where another record shows the key', async () => {
      const { bot } = payingBot()
      const id = await written('handle', bot)
      await place.rewrite(id, ({ records, history }) => ({
        records: records.map(text =>
          versionOf(text) === 4 ? rewrittenRecord(id, text, resealed) : text
        ),
        history
      }))
      talker = await place.start(bot, { keys: oldRing })

      await talker.say('m1', '7')

      assert.deepEqual(talker.texts(), ['Which handle?'])
      assert.equal(talker.recovered[0]?.rung, 2)
    })
  })

describe('a bot with invariants', () => {
  const keeping = (holds: Invariant<t.TypeOf<typeof Core>>['holds']): Partial<Program> => {
    const strict = defineBot({ ...smallBot.spec, invariants: [{ name: 'amounts', holds }] })
    return { invalid: state => (strict as unknown as Program).invalid(state) }
  }

  it('never has a state stored that breaks one: that is a defect', async () => {
    const place = await damageable('memory')
    const { bot, till } = payingBot(keeping((_, { data }) => data['amount'] !== '13'))
    const talker = await place.start(bot)
    await ledTo('amount', talker, till)

    const receipt = talker.say('m1', '13')
    for (let seconds = 0; seconds < 20; seconds += 1) {
      place.clock.advanceTo(place.clock.nowMs() + 1_000)
      for (let turn = 0; turn < 6; turn += 1) await setImmediate()
    }

    assert.equal((await receipt).tag, 'parked')
    const [parked] = await talker.store.parked(talker.chat().id)
    assert.equal((JSON.parse(parked ?? '{}') as { code: string }).code, 'CHP_DECISION_INVALID')
    const crash = talker.log.find(({ event }) => event === 'actor.crashed')
    assert.match(String(crash?.['detail']), /invariant "amounts" does not hold/)
    await talker.stop()
  })

  for (const [what, holds] of [
    ['is broken', ({ step }: { step: string }) => step !== 'handle'],
    ['throws', ({ step }: { step: string }) => step !== 'handle' || thrown()]
  ] as const)
    it(`goes back to a state that keeps them when one ${what}`, async () => {
      const place = await damageable('memory')
      const { bot, till } = payingBot()
      const first = await place.start(bot)
      await ledTo('handle', first, till)
      await first.stop()
      const strict = payingBot(keeping((_, flow) => holds(flow)))
      const talker = await place.start(strict.bot)

      const seen = await talker.chat().inspect()

      assert.equal(seen?.step, 'amount')
      assert.equal(seen.recovery?.rung, 2)
      assert.match(String(seen.recovery.notes[0]?.rule), /^invariant "amounts" /)
      await talker.stop()
    })

  it('leaves a frame of another flow version to its upgrade', () => {
    const { bot } = payingBot(keeping(() => false))
    const at = { nowMs: 0, seed: 0, commit: { epoch: 'e', version: 1, nonce: 'n' } }
    const state = bot.initial({ channel: 'c', account: 'a', user: 'u' }, at)
    assert.equal(bot.invalid(state), 'invariant "amounts" does not hold')
    assert.equal(bot.invalid({ ...state, flow: { ...state.flow, flowVersion: 0 } }), null)
  })
})

/** All of a program of the next schema but its calls. */
function newerSchema(): Partial<Program> {
  const newer = defineBot({ ...smallBot.spec, schema: 2 }) as unknown as Program
  return Object.fromEntries(Object.entries(newer).filter(([part]) => part !== 'calls'))
}

function thrown(): never {
  throw new TypeError('planned')
}

function raised(payload: string): string {
  return payload.replace(/"flowVersion":\d+/, '"flowVersion":99')
}

function resealed(payload: string): string {
  const at = payload.indexOf('"$sealed":"old.') + 30
  return payload.slice(0, at) + (payload[at] === 'A' ? 'B' : 'A') + payload.slice(at + 1)
}

function versionOf(text: string): number {
  return Number(text.split(' ')[3])
}
