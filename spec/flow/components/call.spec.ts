import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  attempt,
  back,
  call,
  confirm,
  defineCall,
  defineFlow,
  type End,
  end,
  type Goto,
  goto,
  refuse,
  rest,
  text
} from '../../../lib/flow/index.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { Data, talkOf } from '../one-flow.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const token = Secret.of('tok-1')
const alice = { token, member: { memberId: 'm', tier: 1 }, cache: { balance: '5' } }

/** A member who is about to say what goes to whom. */
const paying = (...said: readonly string[]) => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  talk.tap('pay')
  for (const each of said) talk.say(each)
  return talk
}

/** The same, with the confirmation on the screen. */
const atConfirm = () => {
  const talk = paying('5', 'bob')
  talk.answer('found', { accountId: 'acc-bob' })
  return talk
}

describe('call', () => {
  it('commits an intent whose origin is the event, and waits on its step', () => {
    const talk = paying('5', 'bob')

    assert.equal(talk.place, 'payment.resolve')
    assert.equal(talk.decision.tag, 'commit')
    assert.deepEqual(talk.decision.tag === 'commit' && talk.decision.call, {
      name: 'resolve',
      input: { handle: 'bob' },
      origin: 'm5',
      effect: false
    })
  })

  it('maps a declared outcome, with its data, to what follows', () => {
    const talk = atConfirm()

    assert.equal(talk.place, 'payment.confirm')
    assert.deepEqual(talk.state.flow.data, { amount: '5', handle: 'bob', to: 'acc-bob' })
    assert.deepEqual(talk.state.calls, [])
    assert.deepEqual(talk.audit[0], {
      kind: 'callSettled',
      name: 'resolve',
      key: 'resolve/m5',
      outcome: 'found',
      attached: true,
      attempts: 1,
      renewed: false
    })
  })

  it('refuses to the input that led to it: field gone, attempt counted, prompt kept', () => {
    const talk = paying('5')
    const { instance } = talk
    talk.say('two words')
    talk.say('bob')

    assert.deepEqual(talk.answer('unknown'), ['No such handle.'])

    assert.equal(talk.place, 'payment.handle')
    assert.equal(talk.instance, instance)
    assert.deepEqual(talk.state.flow.data, { amount: '5' })
    assert.equal(talk.state.flow.validation.attempts, 2)
  })

  it('goes back to that input without counting when the service was not reached', () => {
    const talk = paying('5')
    const { instance } = talk
    talk.say('two words')
    talk.say('bob')

    assert.deepEqual(talk.settle({ tag: 'unreachable', known: 'not-done' }), ['Please try again.'])

    assert.equal(talk.place, 'payment.handle')
    assert.equal(talk.instance, instance)
    assert.equal(talk.state.flow.validation.attempts, 1)
  })

  it('takes an answer outside its codec for one that never came', () => {
    const talk = paying('5', 'bob')

    assert.deepEqual(talk.answer('found', { accountId: 5 }), ['Please try again.'])
    assert.deepEqual(talk.state.calls, [])
    assert.equal(talk.audit[0]?.kind === 'callSettled' && talk.audit[0].outcome, 'unreachable')
    talk.say('bob')
    assert.deepEqual(talk.answer('constructor'), ['Please try again.'])
  })

  it('is signed by the confirmed prompt, and repeats its key after an unknown end', () => {
    const talk = atConfirm()
    const { instance } = talk

    talk.tap('confirm')
    const first = talk.key
    assert.deepEqual(talk.settle({ tag: 'unreachable', known: 'unknown' }), [
      'It may have been paid, please try again.'
    ])
    assert.equal(talk.instance, instance)
    talk.say('yes')

    assert.equal(first, `pay/${instance}`)
    assert.equal(talk.key, first)
  })

  it('writes and counts a token renewed on the way, even of a call in vain', () => {
    const talk = paying('5', 'bob')
    const renewed = Secret.of('tok-2')

    talk.settle({ tag: 'unreachable', known: 'not-done' }, renewed)

    assert.equal(talk.state.core.token?.value.reveal(), 'tok-2')
    assert.equal(talk.state.core.token?.refreshes, 1)
  })

  it('writes through the accessors what its outcome returns', () => {
    const talk = atConfirm()
    talk.tap('confirm')

    assert.deepEqual(talk.answer('done', { balance: '0' }), ['Paid.', 'Balance 0.'])
    assert.deepEqual(talk.state.core.cache, { balance: '0' })
    assert.equal(talk.state.core.token?.value, token)
  })

  it('sends somebody who is no longer known to the registration, signed out', () => {
    const talk = paying('5', 'bob')

    assert.deepEqual(talk.settle({ tag: 'memberUnknown', known: 'not-done' }), ['Tap to join.'])

    const { member, account, cache } = talk.state.core
    assert.deepEqual([member, account, talk.state.core.token, cache], [null, null, null, null])
    assert.deepEqual(talk.state.flow.data, {})
  })
})

describe('call, bounded', () => {
  const send = defineCall({
    name: 'send',
    effect: true,
    input: t.strict({ a: t.string }),
    outcomes: { done: t.strict({}) },
    run: () => attempt(async () => ({ outcome: 'done', output: {} }))
  })
  const sending = (signedBy?: string, leave: End | Goto<'send'> = end(text('over'))) =>
    defineFlow(
      { name: 'one', data: Data, start: 'first' },
      {
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: a => accept({ a }),
          next: view => (view.data.a === 'skip' ? goto('send') : goto('sure'))
        }),
        sure: confirm({
          prompt: text('more'),
          confirmed: goto('send'),
          cancelled: goto('leave'),
          invalid: text('bad')
        }),
        leave,
        send: call({
          call: send,
          ...(signedBy === undefined ? {} : { signedBy }),
          input: ({ data }) => ({ a: data.a === 'bad' ? (5 as never) : (data.a ?? '') }),
          outcomes: { done: refuse('first', text('again')) },
          unreachable: back('first', text('other'))
        })
      }
    )

  it('is not made without the yes that it needs', () => {
    const talk = talkOf([sending('sure')])
    talk.say('hello')

    assert.throws(() => talk.say('skip'), /one\.send: not signed by "sure"/)
  })

  it('is not made by a no that leads to it by a detour', () => {
    const talk = talkOf([sending('sure', goto('send'))])
    talk.say('hello')
    talk.say('x')

    assert.throws(() => talk.say('no'), /one\.send: not signed by "sure"/)
  })

  it('is not made with input outside its codec', () => {
    const talk = talkOf([sending()])
    talk.say('hello')
    talk.say('bad')

    assert.throws(() => talk.say('yes'), /one\.send: the call's input does not fit/)
  })

  it('opens the prompt of an earlier input anew, its words in place of the prompt', () => {
    const talk = talkOf([sending()])
    talk.say('hello')
    const first = talk.instance
    talk.say('x')
    talk.say('yes')

    assert.deepEqual(talk.answer('done'), ['again'])

    assert.equal(talk.place, 'one.first')
    assert.notEqual(talk.instance, first)
    assert.deepEqual(talk.state.flow.data, {})
    assert.equal(talk.state.flow.validation.attempts, 1)
  })

  it('is taken as not reached when four calls are open already', () => {
    const talk = talkOf([sending()])
    talk.say('hello')
    talk.state = {
      ...talk.state,
      calls: ['k1', 'k2', 'k3', 'k4'].map(key => ({
        key,
        name: 'send',
        origin: key,
        cause: key,
        effect: true,
        attached: false,
        openedAtMs: 0
      }))
    }

    assert.deepEqual(talk.say('skip'), ['other'])
    assert.equal(talk.decision.tag === 'commit' && talk.decision.call, null)
  })

  it('that is no longer there leaves nobody stuck: the message finds it not reached', () => {
    const talk = talkOf([sending()])
    talk.say('hello')
    talk.say('skip')
    talk.state = { ...talk.state, calls: [] }

    assert.deepEqual(talk.say('anybody?'), ['other'])
    assert.equal(talk.place, 'one.first')
  })

  it('with an effect is not made by waking a flow that stands on it', () => {
    const talk = talkOf([
      defineFlow(
        { name: 'one', start: 'send' },
        {
          send: call({
            call: send,
            input: () => ({ a: 'x' }),
            outcomes: { done: goto('idle') },
            unreachable: goto('idle')
          }),
          idle: rest({ next: goto('send') })
        }
      )
    ])

    talk.say('hello')

    assert.equal(talk.decision.tag === 'commit' && talk.decision.call, null)
    assert.equal(talk.place, 'one.idle')
  })
})
