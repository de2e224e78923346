import assert from 'node:assert/strict'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}
const atMenu = () => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  return talk
}

describe('a prompt', () => {
  it('is named after the commit that opens it: epoch, version, number, nonce', () => {
    assert.equal(atMenu().instance, 'e.2.0.n2')
  })

  it('knows the step that opened it, also while a call runs', () => {
    const talk = atMenu()
    talk.tap('pay')
    talk.say('5')
    talk.say('bob')

    assert.equal(talk.state.flow.step, 'resolve')
    assert.equal(talk.state.flow.prompt?.step, 'handle')
  })

  it('is numbered on when several messages are taken into one commit', () => {
    const talk = atMenu()
    const at = talk.at()
    const tap = (instance: string, option: string) =>
      ({ kind: 'choice', instance, option }) as const
    const first = smallBot.decide(
      talk.state,
      { kind: 'Inbound', id: 'a', content: tap(talk.instance, 'pay'), arrivedAtMs: talk.nowMs },
      at
    )
    assert.ok(first.tag === 'commit')
    const second = smallBot.decide(
      first.next,
      { kind: 'Inbound', id: 'b', content: { kind: 'text', text: '5' }, arrivedAtMs: talk.nowMs },
      at
    )
    assert.ok(second.tag === 'commit')

    assert.equal(first.next.flow.prompt?.instance, 'e.3.0.n3')
    assert.equal(second.next.flow.prompt?.instance, 'e.3.1.n3')
  })

  it('is replaced when another step asks, so that an old tap is told from a new one', () => {
    const talk = atMenu()
    const old = talk.instance
    talk.tap('pay')

    assert.deepEqual(talk.tap('pay', old), ['No longer open.'])
    assert.equal(talk.replies[0]?.kind, 'text')
  })
})
