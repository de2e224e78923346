import assert from 'node:assert/strict'
import { damaged } from '../../examples/ledger/transcript/damage.ts'
import type { StoredTexts } from '../../examples/ledger/transcript/store-home.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import { ledTo, type Place, payingBot, type Till, tap } from '../support/paying-bot.ts'
import { cutBeforeCore, newestChanged } from '../support/rewritten-record.ts'

const APOLOGY = 'Sorry, something went wrong. Back to the start.'
const LATEST = { event: 'corruptLatestSnapshot', how: 'truncatedJson' } as const
const UNKNOWN = { event: 'corruptLatestSnapshot', how: 'unknownStep' } as const
const ALL = { event: 'corruptAllSnapshots', how: 'truncatedJson' } as const
const ALL_UNKNOWN = { event: 'corruptAllSnapshots', how: 'unknownStep' } as const

interface Note {
  readonly kind: string
  readonly rung?: number
  readonly passed?: boolean
  readonly field?: string | null
  readonly rule?: string | null
}

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`a damaged conversation on the ${kind} store`, () => {
    let place: Damageable
    let till: Till
    let talker: Talker
    let id: string

    /** Leads there, ends that process, damages what is stored, starts another. */
    async function damagedAt(
      where: Place,
      change: Parameters<typeof damaged>[2] | ((stored: StoredTexts) => StoredTexts),
      program: Parameters<typeof payingBot>[0] = {}
    ): Promise<string> {
      const made = payingBot(program)
      till = made.till
      const first = await place.start(made.bot)
      const { instance } = await ledTo(where, first, till)
      id = first.chat().id
      await first.stop()
      const rewriting = typeof change === 'function' ? change : null
      await place.rewrite(id, stored => rewriting?.(stored) ?? damaged(id, stored, change as never))
      talker = await place.start(made.bot)
      return instance
    }

    async function newestNotes(): Promise<readonly Note[]> {
      const [row] = await talker.store.history(id, { limit: 1 })
      return (JSON.parse(row?.row ?? '{}') as { notes: Note[] }).notes
    }

    const rungs = (): unknown[] =>
      talker.log.flatMap(({ event, rung, passed }) =>
        event === 'record.recovery' ? [[rung, passed]] : []
      )

    beforeEach(async () => {
      place = await damageable(kind)
    })
    afterEach(async () => {
      await talker.stop()
      await place.remove()
    })

    for (const damage of [LATEST, UNKNOWN])
      it(`goes on from the state before, silently: ${damage.how}`, async () => {
        await damagedAt('handle', damage)
        const before = await talker.store.load(id)

        const receipt = await talker.say('next', '7')

        assert.equal(receipt.tag, 'committed')
        assert.deepEqual(talker.texts(), ['Which handle?'])
        const seen = await talker.chat().inspect()
        assert.deepEqual(seen?.data, { amount: '7' })
        assert.equal(seen?.version, (before.fence?.version ?? 0) + 1)
        assert.equal(accountIn(seen), 'acc-ada')
        assert.deepEqual(rungs(), [
          [1, false],
          [2, true]
        ])
        assert.deepEqual(
          talker.recovered.map(({ rung, version }) => ({ rung, version })),
          [{ rung: 2, version: seen?.version }]
        )
        const notes = (await newestNotes()).filter(note => note.kind === 'recovery')
        assert.deepEqual(
          notes.map(({ rung, passed }) => [rung, passed]),
          rungs()
        )
        assert.ok(notes[0]?.rule !== null && notes[0]?.field !== null)
        assert.deepEqual(await talker.store.parked(id), [before.record])
      })

    it('keeps the prompt of the state before open for what the member sees', async () => {
      const first = payingBot()
      till = first.till
      const one = await place.start(first.bot)
      await ledTo('menu', one, till)
      id = one.chat().id
      const seen = await tap(one, 'pay')
      await one.say('u-2', seen)
      await one.stop()
      await place.rewrite(id, stored => damaged(id, stored, LATEST))
      talker = await place.start(first.bot)

      await talker.say('again', seen)

      assert.deepEqual(talker.texts(), ['How much?'])
    })

    it('with an effect begun since has the menu, its core kept, one apology', async () => {
      await damagedAt('paying', LATEST)

      const receipt = await talker.say('next', 'words of a member')

      assert.equal(receipt.tag, 'committed')
      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 50.'])
      assert.deepEqual(rungs(), [
        [1, false],
        [2, false],
        [3, true]
      ])
      const seen = await talker.chat().inspect()
      assert.equal(seen?.stage, 'MENU')
      assert.deepEqual(seen.calls, [{ name: 'pay', attached: false }])
      const parked = await talker.store.parked(id)
      assert.deepEqual(JSON.parse(parked[1] ?? '{}').id, 'next')
      assert.equal(parked.join('').includes('words of a member'), false)
      assert.equal((await talker.say('next', 'words of a member')).tag, 'duplicate')
      till.open()
      await talker.wake()
      assert.equal(new Set(till.keys).size, 1)
      assert.deepEqual(talker.texts().slice(2), ['Your payment was made after all.'])
      assert.deepEqual((await talker.chat().inspect())?.calls, [])
    })

    it('hears of the outcome of its effect also when that comes first', async () => {
      await damagedAt('paying', LATEST)
      till.open()

      await talker.wake()

      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 50.'])
      const notes = await newestNotes()
      assert.ok(notes.some(note => note.kind === 'callSettled'))
      assert.deepEqual((await talker.chat().inspect())?.calls, [])
      assert.deepEqual((await talker.store.load(id)).calls, [])
    })

    it('goes back to before an effect never, even when that has ended', async () => {
      await damagedAt('paid', (stored: StoredTexts) => damaged(id, stored, LATEST))

      await talker.say('next', 'help')

      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 38.'])
      assert.deepEqual(till.keys.length, 1)
    })

    it('of which every record names what no build knows has the menu, its core kept', async () => {
      await damagedAt('confirm', ALL_UNKNOWN)

      await talker.say('next', 'yes')

      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 50.'])
      assert.equal(till.keys.length, 0)
      assert.equal(talker.recovered[0]?.rung, 3)
    })

    it('of which no core is left begins anew with a message, not before', async () => {
      await damagedAt('confirm', stored => cutBeforeCore(stored))
      const before = await talker.store.load(id)

      await talker.wake()
      const told = await talker.chat().tell({ id: 't1', event: 'none' })

      assert.deepEqual(talker.texts(), [])
      assert.equal(told.tag, 'deferred')
      assert.equal((await talker.store.load(id)).record, before.record)
      assert.equal(talker.alarms.length, 1)
      assert.equal((await talker.chat().inspect())?.recovery?.rung, 4)

      await talker.say('next', 'yes')
      await talker.settle()

      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 50.'])
      assert.equal(talker.recovered[0]?.rung, 4)
      assert.deepEqual((await talker.store.parked(id))[0], before.record)
      await talker.wake()
      assert.deepEqual((await talker.store.load(id)).inbox, [])
      assert.equal((await talker.say('more', 'help')).tag, 'committed')
    })

    it('whose core alone is damaged has that of the state before', async () => {
      await damagedAt('handle', stored => newestChanged(stored, '"acc-ada"', '7777777'))

      await talker.say('next', '7')

      assert.deepEqual(talker.texts(), ['Which handle?'])
      assert.equal(accountIn(await talker.chat().inspect()), 'acc-ada')
    })

    it('of which the newest record is empty goes on from the state before', async () => {
      await damagedAt('handle', stored => ({
        ...stored,
        records: stored.records.map(text => (text.split(' ')[3] === '4' ? '' : text))
      }))

      await talker.say('next', '7')

      assert.deepEqual(talker.texts(), ['Which handle?'])
      assert.equal(talker.recovered[0]?.rung, 2)
    })

    it('whose state before throws in the check turn has the menu', async () => {
      const { bot } = payingBot()
      await damagedAt('handle', LATEST, {
        decide: (state, event, at) => {
          if (event.kind === 'TimerDue' && state.flow.step === 'amount') throw new Error('planned')
          return bot.decide(state, event, at)
        }
      })

      await talker.say('next', '7')

      assert.deepEqual(talker.texts(), [APOLOGY, 'Balance 50.'])
      const notes = await newestNotes()
      assert.match(notes[1]?.rule ?? '', /^the check turn threw: Error at /)
    })

    it('whose menu throws in the check turn begins anew', async () => {
      const { bot } = payingBot()
      await damagedAt('paying', LATEST, {
        reset: (state, event, at) => {
          if (event.kind === 'TimerDue') throw new Error('planned')
          return bot.reset(state, event, at)
        }
      })

      await talker.say('next', '7')

      assert.equal(talker.recovered[0]?.rung, 4)
      assert.equal(talker.texts()[0], APOLOGY)
    })

    it('shows to a person what it would go on with, and nothing is committed', async () => {
      await damagedAt('handle', LATEST)
      const before = await talker.store.load(id)

      const seen = await talker.chat().inspect()

      assert.equal(seen?.step, 'amount')
      assert.equal(seen.recovery?.rung, 2)
      assert.deepEqual((await talker.store.load(id)).fence?.head, before.fence?.head)
      assert.equal(talker.recovered.length, 0)
    })

    it('keeps the hour at which it began, and a session that messages kept alive', async () => {
      const { bot } = payingBot()
      const first = await place.start(bot)
      till = payingBot().till
      await ledTo('amount', first, till)
      id = first.chat().id
      const initializedAt = (await first.chat().inspect())?.initializedAt
      place.clock.advanceTo(place.clock.nowMs() + 200_000)
      await first.wake()
      await first.say('late', '12')
      await first.settle()
      await first.stop()
      await place.rewrite(id, stored => damaged(id, stored, LATEST))
      place.clock.advanceTo(place.clock.nowMs() + 200_000)
      talker = await place.start(bot)

      await talker.say('next', '7')

      assert.deepEqual(talker.texts(), ['Which handle?'])
      assert.equal((await talker.chat().inspect())?.initializedAt, initializedAt)
    })

    it('never logs what is in it', async () => {
      await damagedAt('confirm', ALL)

      await talker.say('next', 'yes')

      const logged = JSON.stringify(talker.log)
      for (const word of ['acc-ada', 'acc-bob', 'token-of-ada', '"12"'])
        assert.equal(logged.includes(word), false, word)
    })
  })

function accountIn(seen: Inspection | null): unknown {
  return (seen?.core as { readonly account?: string } | undefined)?.account
}
