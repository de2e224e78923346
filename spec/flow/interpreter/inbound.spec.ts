import assert from 'node:assert/strict'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}

/** A conversation at the dashboard, then wherever these words and taps lead. */
const signedIn = (...said: readonly string[]) => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  for (const each of said) each === 'pay' ? talk.tap('pay') : talk.say(each)
  return talk
}
const paid = () => {
  const talk = signedIn('pay', '5', 'bob')
  talk.answer('found', { accountId: 'acc-bob' })
  talk.tap('confirm')
  return talk
}

describe('a message', () => {
  it('at the start wakes the conversation, whatever it says', () => {
    const talk = new Talk(smallBot)

    assert.deepEqual(talk.say('yes'), [])
    assert.equal(talk.key, 'login/m1')
  })

  it('waits while a call is attached, without a word', () => {
    const talk = paid()
    const { state } = talk

    assert.deepEqual(talk.say('hello?'), [])
    assert.deepEqual(talk.decision, { tag: 'defer', why: 'call', progress: null })
    assert.equal(talk.state, state)
  })

  it('that taps a prompt left behind has no effect, though another one is open', () => {
    const talk = signedIn('pay', '5', 'bob')
    talk.answer('found', { accountId: 'acc-bob' })
    const old = talk.instance
    talk.say('menu')
    talk.answer('found', alice)
    talk.tap('pay')
    talk.say('7')
    talk.say('bob')
    talk.answer('found', { accountId: 'acc-bob' })

    assert.deepEqual(talk.tap('confirm', old), ['No longer open.'])

    assert.equal(talk.place, 'payment.confirm')
    assert.equal(talk.decision.tag === 'commit' && talk.decision.call, null)
  })

  it('taken after its twin finds the prompt closed', () => {
    const talk = paid()
    const instance = talk.instance
    talk.answer('done', { balance: '0' })

    assert.deepEqual(talk.tap('confirm', instance), ['No longer open.'])
    assert.equal(talk.place, 'menu.dashboard')
  })
})

describe('a command', () => {
  it('wins at every step, whole, trimmed, in any case and normal form', () => {
    for (const word of ['hi', '  MENU ', 'Hi', '\uFF28\uFF29']) {
      const talk = signedIn('pay', '5')
      talk.say(word)
      assert.equal(talk.place, 'login.login', word)
      assert.deepEqual(talk.state.flow.data, {}, word)
    }
    const talk = signedIn('pay', '5')
    assert.deepEqual(talk.say('hi there'), ['Not a handle.'])
  })

  it('drops the flow, keeps the core until the login answers, and says what it dropped', () => {
    const talk = signedIn('pay', '5')
    const { core } = talk.state

    talk.say('hi')

    assert.equal(talk.state.core, core)
    assert.deepEqual(talk.audit, [
      { kind: 'dropped', fields: ['amount'], why: 'command' },
      { kind: 'moved', from: 'payment.handle', to: 'login.login', by: 'command' }
    ])
  })

  it('waits for an effect under way, and says so when that takes over four seconds', () => {
    const talk = paid()

    talk.nowMs += 4000
    talk.say('hi')
    assert.deepEqual(talk.decision, { tag: 'defer', why: 'call', progress: null })
    talk.nowMs += 1
    talk.say('hi')
    assert.deepEqual(talk.decision, {
      tag: 'defer',
      why: 'call',
      progress: { kind: 'text', text: 'Still working on it.', note: 'progress' }
    })
  })

  it('lets a mere read go at once, whose outcome then reaches no flow', () => {
    const talk = signedIn('pay', '5', 'bob')
    const read = talk.key

    talk.say('hi')

    assert.equal(talk.place, 'login.login')
    assert.deepEqual(talk.audit[0], { kind: 'callDetached', name: 'resolve', key: read })
    const { flow } = talk.state
    talk.settle({ tag: 'answered', outcome: 'found', output: { accountId: 'a' } }, null, read)
    assert.equal(talk.state.flow, flow)
    assert.deepEqual(talk.replies, [])
    const tried = { attempts: 1, renewed: false }
    assert.deepEqual(talk.audit, [
      {
        kind: 'callSettled',
        name: 'resolve',
        key: read,
        outcome: 'found',
        attached: false,
        ...tried
      }
    ])
  })

  it('that only says something leaves the prompt open, its options in the same message', () => {
    const talk = signedIn()
    const { flow } = talk.state

    assert.deepEqual(talk.say('help'), ['Just answer.'])
    assert.equal(talk.state.flow, flow)
    assert.equal(talk.replies[0]?.kind, 'list')
    assert.deepEqual(talk.tap('pay'), ['How much?'])
  })

  it('that only says something is answered even while a call is attached', () => {
    const talk = paid()
    const { key } = talk

    assert.deepEqual(talk.say('help'), ['Just answer.'])
    assert.equal(talk.key, key)
  })
})

describe('what did not change', () => {
  it('keeps its identity: the core of a flow turn, the flow of a stale tap', () => {
    const talk = signedIn('pay')
    const { core, flow, calls } = talk.state

    talk.tap('pay', 'old')
    assert.equal(talk.state.flow, flow)
    talk.say('5')
    assert.equal(talk.state.core, core)
    assert.equal(talk.state.calls, calls)
  })
})
