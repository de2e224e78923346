import assert from 'node:assert/strict'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import {
  accept,
  ask,
  defineBot,
  defineFlow,
  end,
  type Flow,
  goto,
  text
} from '../../../lib/flow/index.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { Data, talkOf } from '../one-flow.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}
const resume = { prompt: text('offer'), resume: text('on'), over: text('over') }
const words = { offer: 'Go on where you were?', on: 'Go on', over: 'Start over' }

/** The small bot, whose payments may be gone on with. */
const bot = (change: Partial<Flow> = {}) => {
  const { flows, texts, ...spec } = smallBot.spec
  const offering = flows.map(flow =>
    flow.name === 'payment' ? { ...flow, resume, ...change } : flow
  )
  return defineBot({
    ...spec,
    flows: offering as typeof flows,
    texts: { en: { ...texts['en'], ...words } }
  })
}
const signedIn = () => {
  const talk = new Talk(bot())
  talk.say('hello')
  talk.answer('found', alice)
  return talk
}
/** The session ended while a handle was asked for; another member or the same one comes back. */
const back = (member = alice) => {
  const talk = signedIn()
  talk.tap('pay')
  talk.say('5')
  talk.due()
  talk.say('bob')
  return { talk, said: talk.answer('found', member) }
}
const kept = ({ state }: { readonly state: ConversationRecord<never> }) => state.session.kept

describe('the offer to go on', () => {
  it('stands in the place of the menu when the member is back, behind the notice', () => {
    const { talk, said } = back()

    assert.deepEqual(said, ['Your session expired.', 'Go on where you were?'])
    assert.equal(talk.program.place(talk.state).stage, 'MENU')
    const [, offer] = talk.replies
    assert.ok(offer?.kind === 'buttons')
    assert.deepEqual(
      offer.options.map(({ label }) => label),
      ['Go on', 'Start over']
    )
  })

  it('accepted asks again what was asked, with what was collected', () => {
    const { talk } = back()

    assert.deepEqual(talk.tap('resume'), ['Which handle?'])

    assert.equal(talk.place, 'payment.handle')
    assert.deepEqual(talk.state.flow.data, { amount: '5' })
    assert.equal(kept(talk as never), undefined)
    talk.say('bob')
    assert.equal(talk.place, 'payment.resolve')
  })

  it('declined leads to the menu, and names what was dropped', () => {
    const { talk } = back()

    assert.deepEqual(talk.tap('over'), ['Balance 5.'])

    assert.equal(kept(talk as never), undefined)
    assert.deepEqual(talk.audit[0], { kind: 'dropped', fields: ['amount'], why: 'declined' })
  })

  it('is made again after any other answer', () => {
    const { talk } = back()

    assert.deepEqual(talk.say('what?'), ['Go on where you were?'])
    assert.deepEqual(talk.send({ kind: 'unsupported', what: 'poll' }), ['Go on where you were?'])
    assert.equal(talk.state.flow.validation.attempts, 2)
    assert.deepEqual(talk.tap('resume'), ['Which handle?'])
  })

  it('is not made to somebody who greets, and then nothing is kept', () => {
    const talk = signedIn()
    talk.tap('pay')
    talk.say('5')
    talk.due()

    talk.say('hi')
    assert.deepEqual(talk.audit[0], { kind: 'dropped', fields: ['amount'], why: 'started over' })
    assert.deepEqual(talk.answer('found', alice), ['Balance 5.'])
  })

  it('is not made to another member', () => {
    const { talk, said } = back({ ...alice, member: { memberId: 'eve', tier: 1 } })

    assert.deepEqual(said, ['Your session expired.', 'Balance 5.'])
    assert.equal(kept(talk as never), undefined)
  })

  it('is never made of a confirmation, of a running call, or of a flow that declares none', () => {
    const confirming = signedIn()
    confirming.tap('pay')
    for (const said of ['5', 'bob']) confirming.say(said)
    const calling = { ...confirming.state }
    confirming.answer('found', { accountId: 'a' })
    assert.equal(confirming.place, 'payment.confirm')
    const talks = [confirming, signedIn(), signedIn()]
    talks[1]!.state = calling

    for (const talk of talks) {
      talk.due()
      assert.equal(kept(talk as never), undefined)
      assert.equal(talk.place, 'init.idle')
    }
  })

  it('keeps neither member nor token, and is gone with the next expiry', () => {
    const talk = signedIn()
    talk.tap('pay')
    talk.say('5')
    talk.due()

    assert.doesNotMatch(JSON.stringify(talk.state), /memberId|tok-1/)
    assert.deepEqual(kept(talk as never)?.frame.data, { amount: '5' })
    talk.say('hello')
    talk.answer('found', alice)
    talk.due()
    assert.equal(kept(talk as never), undefined)
    assert.ok(talk.audit.some(note => note.kind === 'dropped' && note.why === 'expiry'))
  })

  it('of a flow that has changed since leads to its retired text and the menu', () => {
    const { talk } = back()
    const next = new Talk(bot({ version: 3 }))
    next.state = talk.state

    assert.deepEqual(next.tap('resume'), ['Payments have changed.', 'Balance 5.'])
  })

  it('is made by a bot without a login, too, when its member writes again', () => {
    const form = defineFlow(
      { name: 'form', data: Data, start: 'a', resume },
      {
        a: ask({ fields: ['a'], prompt: text('ask'), read: a => accept({ a }), next: goto('b') }),
        b: ask({ fields: ['b'], prompt: text('more'), read: b => accept({ b }), next: end() })
      }
    )
    const talk = talkOf([form], {
      texts: { en: { ask: 'ask', more: 'more', menu: 'menu', ...words } }
    })
    for (const said of ['hello', 'x']) talk.say(said)
    talk.due()

    assert.deepEqual(talk.say('y').slice(-1), ['Go on where you were?'])
    assert.deepEqual(talk.tap('resume'), ['more'])
    assert.deepEqual(talk.state.flow.data, { a: 'x' })
  })

  it('needs its texts in every locale', () => {
    assert.throws(
      () => defineBot({ ...bot().spec, texts: smallBot.spec.texts }),
      /flow "payment" names the text "offer", which is missing in en/
    )
  })
})
