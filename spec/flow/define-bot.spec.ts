import assert from 'node:assert/strict'
import * as t from 'io-ts'
import { defineFlow, goto, rest, tell, text } from '../../lib/flow/index.ts'
import { talkOf } from './one-flow.ts'
import { smallBot } from './small-bot.ts'
import { START_MS, Talk } from './talk.ts'

describe('a bot', () => {
  it('begins at the start of its start flow: nothing asked, nobody known, no timer', () => {
    const { state } = new Talk(smallBot)

    assert.ok(smallBot.record.is(state))
    assert.equal(smallBot.invalid(state), null)
    assert.deepEqual(smallBot.place(state), { stage: 'INIT', flow: 'init', step: 'idle' })
    assert.deepEqual(state.core, {
      channel: { channel: 'test', account: 'a', user: '1555' },
      locale: 'en',
      member: null,
      account: null,
      token: null,
      cache: null
    })
    assert.deepEqual([state.calls, state.timers], [[], []])
    assert.deepEqual(state.meta, {
      initializedAt: START_MS,
      updatedAt: START_MS,
      updatedBy: { kind: 'initial', id: '' }
    })
  })

  it('notes the cause and the time of each decision, and keeps when it all began', () => {
    const talk = new Talk(smallBot)
    talk.nowMs += 5

    talk.say('hello')

    assert.deepEqual(talk.state.meta, {
      initializedAt: START_MS,
      updatedAt: START_MS + 5,
      updatedBy: { kind: 'Inbound', id: 'm1' }
    })
  })

  it('names its calls for the runtime', () => {
    assert.deepEqual(Object.keys(smallBot.calls).sort(), ['login', 'pay', 'register', 'resolve'])
  })

  it('has nothing to decide about a delivery, or an event of a kind it does not know', () => {
    const talk = new Talk(smallBot)

    for (const kind of ['DeliveryUpdate', 'Nonsense']) {
      talk.take({ kind, id: 'd1' } as never)
      assert.deepEqual(talk.decision, { tag: 'ignore', why: 'nothing to decide' })
    }
  })
})

describe('a bot that is told something', () => {
  const told = (event: string, data: unknown) => {
    const talk = talkOf(
      [defineFlow({ name: 'one', start: 'idle' }, { idle: rest({ next: goto('idle') }) })],
      {
        texts: { en: { ready: 'Invoice {no} is ready.' } },
        on: {
          'invoice.ready': tell({
            data: t.strict({ no: t.number }),
            say: ({ no }) => text('ready', { no })
          })
        }
      }
    )
    const { flow } = talk.state
    const replies = talk.take({ kind: 'Told', id: 't1', event, data, arrivedAtMs: talk.nowMs })
    assert.equal(talk.state.flow, flow)
    return { replies, decision: talk.decision }
  }

  it('says its text and leaves the dialogue where it is', () => {
    assert.deepEqual(told('invoice.ready', { no: 42 }).replies, ['Invoice 42 is ready.'])
  })

  it('ignores an event that it does not declare, or data outside the codec', () => {
    assert.equal(told('other', { no: 42 }).decision.tag, 'ignore')
    assert.equal(told('invoice.ready', { no: 'x' }).decision.tag, 'ignore')
  })
})
