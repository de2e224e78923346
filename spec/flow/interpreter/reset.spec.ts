import assert from 'node:assert/strict'
import type { TurnEvent } from '../../../lib/conversation/turn-event.ts'
import { type Core, choose, defineFlow, goto, text } from '../../../lib/flow/index.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { Data, talkOf } from '../one-flow.ts'
import { smallBot } from '../small-bot.ts'
import { START_MS, Talk } from '../talk.ts'

const APOLOGY = 'Sorry, something went wrong. Back to the start.'
const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}
const atConfirm = () => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  talk.tap('pay')
  talk.say('5')
  talk.say('bob')
  talk.answer('found', { accountId: 'a' })
  return talk
}
const reset = <C extends Core>(talk: Talk<C>, event: TurnEvent = talk.inbound('boom')) =>
  talk.commit(talk.program.reset(talk.state, event, talk.at()), event)

describe('a reset', () => {
  it('apologises once, shows the menu and keeps the core', () => {
    const talk = atConfirm()
    const { core } = talk.state
    const old = talk.instance

    assert.deepEqual(reset(talk), [APOLOGY, 'Balance 5.'])

    assert.equal(talk.place, 'menu.dashboard')
    assert.equal(talk.state.core, core)
    assert.notEqual(talk.instance, old)
    assert.deepEqual(talk.state.flow.data, {})
    assert.deepEqual(talk.audit, [
      { kind: 'dropped', fields: ['amount', 'handle', 'to'], why: 'reset' },
      { kind: 'moved', from: 'payment.confirm', to: 'menu.dashboard', by: 'reset' }
    ])
  })

  it('leads to the flow and step that the policy names, with its apology', () => {
    const talk = atConfirm()
    const event = talk.inbound('boom')
    const way = { to: { flow: 'payment', step: 'amount' }, apology: 'Let us begin again.' }

    const said = talk.commit(talk.program.reset(talk.state, event, talk.at(), way), event)

    assert.equal(talk.place, 'payment.amount')
    assert.deepEqual(talk.state.flow.data, {})
    assert.equal(said[0], 'Let us begin again.')
    assert.equal(said.length, 2)
    assert.ok(talk.audit.some(note => note.kind === 'moved' && note.by === 'reset'))
  })

  it('can be led only to places that the bot has', () => {
    const why = (flow: string, step: string) => smallBot.unresettable?.({ flow, step }) ?? null
    assert.equal(why('payment', 'amount'), null)
    assert.equal(why('nowhere', 'amount'), 'there is no flow "nowhere"')
    assert.equal(why('payment', 'nothing'), 'flow "payment" has no step "nothing"')
    assert.equal(why('payment', 'confirm'), null)
    assert.equal(
      why('payment', 'submit'),
      'step "submit" is a call that only a yes at "confirm" may begin: lead to "confirm"'
    )
  })

  it('counts the message as one of the session', () => {
    const talk = atConfirm()
    talk.nowMs += 1000

    reset(talk)

    assert.equal(talk.state.session.deadline, START_MS + 1000 + 300_000)
  })

  it('lets the attached call run on by itself', () => {
    const talk = atConfirm()
    talk.tap('confirm')
    const { key } = talk

    reset(talk, {
      kind: 'OperatorCommand',
      id: 'o1',
      command: 'reset',
      by: 'ops'
    })

    assert.deepEqual(
      talk.state.calls.map(call => [call.key, call.attached]),
      [[key, false]]
    )
    assert.ok(talk.audit.some(note => note.kind === 'moved' && note.by === 'operator'))
  })

  it('of a result that could not be taken records the outcome first', () => {
    const talk = atConfirm()
    talk.tap('confirm')
    const { key } = talk
    const event = talk.settled({ tag: 'answered', outcome: 'done', output: { balance: '0' } })

    reset(talk, event)

    assert.deepEqual(talk.state.calls, [])
    assert.deepEqual(talk.audit[0], {
      kind: 'callSettled',
      name: 'pay',
      key,
      outcome: 'done',
      attached: false,
      attempts: 1,
      renewed: false
    })
  })

  it('of a timer takes that timer off, so that it cannot strike for ever', () => {
    const talk = atConfirm()
    const [timer] = talk.state.timers
    assert.ok(timer)

    reset(talk, {
      kind: 'TimerDue',
      id: 't1',
      timer: timer.id,
      dueMs: timer.dueMs
    })

    assert.deepEqual(talk.state.timers, [])
    assert.equal(talk.state.session.deadline, null)
  })

  it('leads somebody who is not signed in to the way in', () => {
    const talk = new Talk(smallBot)

    assert.deepEqual(reset(talk), [APOLOGY])
    assert.equal(talk.place, 'login.login')
    assert.equal(talk.key, 'login/m1')
  })

  it('of a late message is also the end of the session', () => {
    const talk = atConfirm()
    talk.nowMs = START_MS + 300_000

    assert.deepEqual(reset(talk), [APOLOGY])
    assert.equal(talk.state.core.member, null)
    assert.deepEqual(talk.answer('found', alice), ['Balance 5.'])
  })

  it('is what an operator asks for', () => {
    const talk = atConfirm()

    assert.deepEqual(
      talk.take({ kind: 'OperatorCommand', id: 'o1', command: 'reset', by: 'ops' }),
      [APOLOGY, 'Balance 5.']
    )
  })

  it('rests at the start with the apology alone when the menu throws too', () => {
    const talk = talkOf([
      defineFlow(
        { name: 'one', data: Data, start: 'pick' },
        {
          pick: choose({
            prompt: (): never => {
              throw new RangeError('no words')
            },
            options: [{ id: 'x', label: 'X' }],
            next: { x: goto('pick') },
            invalid: text('bad')
          })
        }
      )
    ])

    assert.throws(() => talk.say('hello'), /no words/)
    assert.deepEqual(reset(talk), [APOLOGY])

    assert.equal(talk.state.flow.prompt, null)
    const [dropped] = talk.audit
    assert.ok(dropped?.kind === 'dropped')
    assert.deepEqual(dropped.fields, ['menu'])
    assert.match(dropped.why, /^the menu threw too: RangeError at .*reset\.spec/)
    assert.doesNotMatch(dropped.why, /no words/)
  })
})
