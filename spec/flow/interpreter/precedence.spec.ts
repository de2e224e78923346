import assert from 'node:assert/strict'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}
const fresh = () => new Talk(smallBot)
const atMenu = () => {
  const talk = fresh()
  talk.say('hello')
  talk.answer('found', alice)
  return talk
}
const inFlow = () => {
  const talk = atMenu()
  talk.tap('pay')
  return talk
}
const late = () => {
  const talk = inFlow()
  talk.nowMs = talk.state.session.deadline ?? 0
  return talk
}
const awaiting = () => {
  const talk = inFlow()
  for (const said of ['5', 'bob']) talk.say(said)
  talk.answer('found', { accountId: 'a' })
  talk.tap('confirm')
  return talk
}

type Small = ReturnType<typeof fresh>

/** Who takes a message, the first that applies; each row is met by the rows above it failing. */
const table: readonly (readonly [string, () => Small, (talk: Small) => unknown, string])[] = [
  [
    'an operator, before all else',
    awaiting,
    talk => talk.take({ kind: 'OperatorCommand', id: 'o', command: 'reset', by: 'eve' }),
    'menu.dashboard'
  ],
  ['a session that has run out, before a command', late, talk => talk.say('hi'), 'login.login'],
  ['and before an answer', late, talk => talk.say('5'), 'login.login'],
  [
    'an effect that is awaited, before a command',
    awaiting,
    talk => talk.say('hi'),
    'payment.submit'
  ],
  ['and before an answer', awaiting, talk => talk.say('yes'), 'payment.submit'],
  ['a greeting, before the open question', inFlow, talk => talk.say(' HI '), 'login.login'],
  ['the open question, for an active flow', inFlow, talk => talk.say('5'), 'payment.handle'],
  ['also where it refuses', inFlow, talk => talk.say('five'), 'payment.amount'],
  ['a choice of the menu, which begins a flow', atMenu, talk => talk.tap('pay'), 'payment.amount'],
  ['the menu, which asks again', atMenu, talk => talk.say('5'), 'menu.dashboard'],
  ['the start, where nothing was asked', fresh, talk => talk.say('5'), 'login.login']
]

describe('a message is taken by', () => {
  for (const [whom, at, happens, place] of table)
    it(whom, () => {
      const talk = at()

      happens(talk)

      assert.equal(talk.place, place)
    })

  it('nobody while an effect is awaited: it waits, in its turn', () => {
    const talk = awaiting()
    talk.say('hi')

    assert.equal(talk.decision.tag, 'defer')
    assert.deepEqual(talk.answer('done', { balance: '0' }), ['Paid.', 'Balance 0.'])
  })

  it('a session that has run out in such a way that nothing old is answered', () => {
    const talk = late()
    talk.say('5')

    assert.deepEqual(talk.state.flow.data, {})
    assert.deepEqual(talk.answer('found', alice), ['Your session expired.', 'Balance 5.'])
  })
})
