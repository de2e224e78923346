import assert from 'node:assert/strict'
import type { Decision } from '../../lib/conversation/decision.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { attachedCall } from '../../lib/conversation/record.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { asItIs } from '../../lib/runtime/orders.ts'
import { type KeyRing, keyRing } from '../../lib/store/seal.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import { ledTo, payingBot, type Till } from '../support/paying-bot.ts'
import { cutBeforeCore } from '../support/rewritten-record.ts'

const RING = keyRing({ active: 'old', keys: { old: new Uint8Array(32).fill(1) } })
const OTHER_RING = keyRing({ active: 'new', keys: { new: new Uint8Array(32).fill(2) } })
const APOLOGY = 'Sorry, something went wrong. Back to the start.'

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`what waits beside a record of which nothing is left, on the ${kind} store`, () => {
    let place: Damageable
    let till: Till
    let talker: Talker
    let id: string

    /** These wait for a payment when the process ends; then every record is cut short. */
    async function cutWhile(
      waits: (first: Talker) => Promise<void>,
      keys: KeyRing = RING
    ): Promise<void> {
      const { bot } = payingBot()
      const made = payingBot({ decide: (state, event, at) => hearing(bot, state, event, at) })
      till = made.till
      const first = await place.start(made.bot, { keys: RING })
      await ledTo('paying', first, till)
      id = first.chat().id
      await waits(first)
      await first.stop()
      await place.rewrite(id, cutBeforeCore)
      talker = await place.start(made.bot, { keys })
    }

    beforeEach(async () => {
      place = await damageable(kind)
    })
    afterEach(async () => {
      till.open()
      await talker.stop()
      await place.remove()
    })

    /** What was taken, each by the last that was said about it: a call may have come between. */
    const taken = (): readonly string[] => {
      const causes = talker.turns.map(({ cause }) => cause)
      return causes.filter((cause, index) => causes.lastIndexOf(cause) === index)
    }
    const parked = async (): Promise<readonly unknown[]> => {
      const texts = (await talker.store.parked(id)).filter(text => text.startsWith('{'))
      return texts.map(text => (JSON.parse(text) as { readonly id?: string }).id)
    }
    const waiting = async (): Promise<number> => (await talker.store.load(id)).inbox.length

    it('comes before a message that arrives later, the first of it met with the menu', async () => {
      await cutWhile(async first => {
        await first.say('early', '7')
        await first.say('second', '8')
      })
      assert.equal(await waiting(), 2)

      await talker.say('late', '9')
      await talker.settle(1)

      assert.deepEqual(taken(), ['early', 'second', 'late'])
      assert.deepEqual([talker.recovered.length, talker.recovered[0]?.rung], [1, 4])
      assert.equal(talker.texts()[0], APOLOGY)
      assert.equal(talker.texts().filter(text => text === APOLOGY).length, 1)
      assert.equal(await waiting(), 0)
    })

    it('keeps its place also where the host said it before a message', async () => {
      await cutWhile(async first => {
        await first.chat().tell({ id: 't1', event: 'news' })
        await first.say('early', '7')
      })
      assert.equal(await waiting(), 2)

      await talker.say('late', '9')
      await talker.settle(1)

      assert.deepEqual(taken(), ['t1', 'early', 'late'])
      assert.deepEqual(await parked(), ['t1'])
      assert.equal(talker.texts().filter(text => text === APOLOGY).length, 1)
    })

    it('begins with the message that waits as soon as it is known whose it is', async () => {
      await cutWhile(async first => {
        await first.say('early', '7')
      })

      await talker.wake('u', 1)
      assert.deepEqual([talker.texts(), await waiting()], [[], 1])
      await talker.chat().tell({ id: 't1', event: 'news' })
      await talker.settle(1)

      assert.deepEqual(taken(), ['early', 't1'])
      assert.equal(talker.texts()[0], APOLOGY)
      assert.equal(await waiting(), 0)
    })

    it('stays while it is held, whatever the host says', async () => {
      await cutWhile(async first => {
        const who = { channel: 'chan', account: 'a', user: 'u' }
        await operatorOf(first.runtime).hold(who, { id: 'h1', by: 'eve', reason: 'looks at it' })
        // So many that the word of the hold leaves the history.
        for (let nth = 0; nth < 29; nth += 1) {
          place.clock.advanceTo(place.clock.nowMs() + 1_000)
          await first.say(`m${nth}`, '7')
        }
      })
      const before = await waiting()

      await talker.chat().tell({ id: 't1', event: 'news' })
      await talker.chat().tell({ id: 't2', event: 'news' })
      await talker.wake('u', 1)

      assert.deepEqual(taken(), [])
      assert.equal(await waiting(), before + 2)
    })

    it('is passed by nothing while its key is missing: it may be a message', async () => {
      await cutWhile(async first => {
        await first.say('early', '7')
      }, OTHER_RING)

      const receipt = await talker.say('late', '9')

      assert.equal(receipt.tag, 'shed')
      assert.deepEqual([taken(), await waiting()], [[], 1])
    })

    it('begins nothing with what the host said alone: that comes behind the message', async () => {
      await cutWhile(async first => {
        await first.chat().tell({ id: 't1', event: 'news' })
      })

      await talker.wake('u', 1)
      assert.deepEqual([talker.texts(), await waiting()], [[], 1])
      await talker.say('late', '9')
      await talker.settle(1)

      assert.deepEqual(taken(), ['late', 't1'])
      assert.equal(talker.texts()[0], APOLOGY)
      assert.equal(await waiting(), 0)
    })
  })

/** The bot with something to say of what its host tells; that waits for a call. */
function hearing(bot: Program, ...[state, event, at]: Parameters<Program['decide']>): Decision {
  if (event.kind !== 'Told') return bot.decide(state, event, at)
  if (attachedCall(state) !== undefined) return { tag: 'defer', why: 'call', progress: null }
  return { ...asItIs(state), replies: [{ kind: 'text', text: event.event }] }
}
