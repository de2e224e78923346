import assert from 'node:assert/strict'
import { defineBot } from '../../../lib/flow/index.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { START_MS, Talk } from '../talk.ts'

const IDLE_MS = 300_000
const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}
const atAmount = () => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  talk.tap('pay')
  return talk
}

describe('the session', () => {
  it('ends so long after the last message, refused ones included, by a timer of the record', () => {
    const talk = atAmount()
    talk.nowMs += 1000
    talk.say('not an amount')

    assert.deepEqual(talk.state.session, {
      startedAt: START_MS,
      lastMessageAt: START_MS + 1000,
      deadline: START_MS + 1000 + IDLE_MS,
      notice: null
    })
    assert.deepEqual(talk.state.timers, [
      { id: 'session', dueMs: START_MS + 1000 + IDLE_MS, what: 'expire' }
    ])
  })

  it('is kept going by members alone', () => {
    const talk = atAmount()
    talk.say('5')
    talk.say('bob')
    talk.nowMs += 1000
    talk.answer('found', { accountId: 'a' })

    assert.equal(talk.state.session.deadline, START_MS + IDLE_MS)
  })

  it('ends silently: flow, member, account, token, cache go, by name; the rest stays (B13)', () => {
    const talk = atAmount()
    talk.say('5')
    const { channel, locale } = talk.state.core

    assert.deepEqual(talk.due(), [])

    assert.equal(talk.place, 'init.idle')
    assert.deepEqual(talk.state.core, {
      channel,
      locale,
      member: null,
      account: null,
      token: null,
      cache: null
    })
    assert.deepEqual(talk.state.flow.data, {})
    assert.equal(talk.state.flow.prompt, null)
    assert.deepEqual(talk.state.timers, [])
    assert.equal(talk.state.session.deadline, null)
    assert.deepEqual(talk.audit, [
      { kind: 'dropped', fields: ['member', 'account', 'token', 'cache'], why: 'expiry' },
      { kind: 'dropped', fields: ['amount'], why: 'expiry' },
      { kind: 'moved', from: 'payment.handle', to: 'init.idle', by: 'expiry' }
    ])
  })

  it('once ended is told of right before the first answer to the next message, once', () => {
    const talk = atAmount()
    talk.due()

    assert.deepEqual(talk.say('5'), [])
    assert.deepEqual(talk.answer('found', alice), ['Your session expired.', 'Balance 5.'])
    assert.equal(talk.state.session.notice, null)
    assert.deepEqual(talk.tap('pay'), ['How much?'])
  })

  it('once ended is not told of to somebody who greets', () => {
    const talk = atAmount()
    talk.due()

    talk.say('hi')
    assert.deepEqual(talk.answer('found', alice), ['Balance 5.'])
  })

  it('is over for a message that arrived at the deadline, though no timer ran (B6)', () => {
    const talk = atAmount()
    talk.nowMs = START_MS + IDLE_MS

    assert.deepEqual(talk.say('5'), [])
    assert.equal(talk.place, 'login.login')
    assert.deepEqual(talk.answer('found', alice), ['Your session expired.', 'Balance 5.'])
    assert.deepEqual(talk.state.flow.data, {})
  })

  it('is judged by the arrival of a message, not by when it is taken', () => {
    const talk = atAmount()
    talk.nowMs = START_MS + 2 * IDLE_MS

    assert.deepEqual(talk.send({ kind: 'text', text: '5' }, START_MS + IDLE_MS - 1), [
      'Which handle?'
    ])
    assert.equal(talk.place, 'payment.handle')
  })

  it('goes on for as long as any from when a message that had waited is taken', () => {
    const talk = atAmount()
    talk.nowMs = START_MS + 2 * IDLE_MS

    talk.send({ kind: 'text', text: '5' }, START_MS + IDLE_MS - 1)

    assert.equal(talk.state.session.deadline, START_MS + 3 * IDLE_MS)
    assert.deepEqual(
      talk.state.timers.map(({ dueMs }) => dueMs),
      [START_MS + 3 * IDLE_MS]
    )
  })

  it('that a message begins long after its arrival is no shorter than others', () => {
    const talk = new Talk(smallBot)
    talk.nowMs = START_MS + 2 * IDLE_MS

    talk.send({ kind: 'text', text: 'hello' }, START_MS)

    assert.equal(talk.state.session.deadline, START_MS + 3 * IDLE_MS)
  })

  it('is not shortened by a message that was taken after a later one', () => {
    const talk = atAmount()
    talk.nowMs += 1000
    talk.say('x')

    talk.send({ kind: 'text', text: 'y' }, START_MS + 500)

    assert.equal(talk.state.session.deadline, START_MS + 1000 + IDLE_MS)
  })

  it('lets an effect run on by itself, and takes a late tap for no answer', () => {
    const talk = atAmount()
    talk.say('5')
    talk.say('bob')
    talk.answer('found', { accountId: 'a' })
    talk.tap('confirm')
    const { key, instance } = talk
    talk.nowMs = START_MS + IDLE_MS

    talk.tap('confirm', instance)

    assert.equal(talk.place, 'login.login')
    assert.deepEqual(
      talk.state.calls.map(call => [call.name, call.attached]),
      [
        ['pay', false],
        ['login', true]
      ]
    )
    assert.deepEqual(
      talk.settle({ tag: 'answered', outcome: 'done', output: { balance: '0' } }, null, key),
      ['Your payment was made after all.']
    )
    assert.equal(talk.state.core.cache, null)
    assert.equal(talk.state.session.notice, 'notice.expired')
  })

  it('ignores a timer that is not set, or not like this, or not due yet', () => {
    const talk = atAmount()
    const due = { kind: 'TimerDue', id: 't1', timer: 'session', dueMs: START_MS + IDLE_MS } as const

    for (const event of [due, { ...due, dueMs: START_MS }, { ...due, timer: 'other' }]) {
      talk.take(event)
      assert.deepEqual(talk.decision, { tag: 'ignore', why: 'the timer is not set' })
    }
    talk.nowMs = due.dueMs
    talk.take(due)
    assert.equal(talk.place, 'init.idle')
  })

  it('drops a timer of another kind when it is due', () => {
    const talk = atAmount()
    const [session] = talk.state.timers
    talk.state = {
      ...talk.state,
      timers: [...talk.state.timers, { id: 'old', dueMs: 1, what: 'remind' }]
    }

    talk.take({ kind: 'TimerDue', id: 't1', timer: 'old', dueMs: 1 })

    assert.deepEqual(talk.state.timers, [session])
    assert.equal(talk.place, 'payment.amount')
  })

  describe('that warns before it ends', () => {
    const warned = () => {
      const talk = new Talk(
        defineBot({
          ...smallBot.spec,
          session: {
            idleSeconds: IDLE_MS / 1000,
            notice: 'notice.expired',
            warning: { beforeSeconds: 60, text: 'reg.done' }
          }
        })
      )
      talk.say('hello')
      talk.answer('found', alice)
      return talk
    }
    const warn = (talk: Talk<never>) => {
      const { id, dueMs } = talk.state.timers.find(({ what }) => what === 'warn')!
      talk.nowMs = Math.max(talk.nowMs, dueMs)
      return talk.take({ kind: 'TimerDue', id: `${id}.due`, timer: id, dueMs })
    }

    it('says so once, so long before, and changes nothing else', () => {
      const talk = warned() as unknown as Talk<never>
      const { flow, session } = talk.state

      assert.deepEqual(warn(talk), ['Welcome.'])

      assert.equal(talk.nowMs, START_MS + IDLE_MS - 60_000)
      assert.equal(talk.state.flow, flow)
      assert.equal(talk.state.session, session)
      assert.deepEqual(talk.state.timers, [
        { id: 'session', dueMs: START_MS + IDLE_MS, what: 'expire' }
      ])
    })

    it('warns anew after the next message, and not once it has ended', () => {
      const talk = warned() as unknown as Talk<never>
      warn(talk)
      talk.say('hello')
      assert.equal(talk.state.timers.filter(({ what }) => what === 'warn').length, 1)

      talk.due()

      assert.deepEqual(talk.state.timers, [])
    })

    it('says nothing when the warning comes after the end', () => {
      const talk = warned() as unknown as Talk<never>
      talk.nowMs = START_MS + IDLE_MS

      assert.deepEqual(warn(talk), [])
    })

    it('is refused when it would warn before it begins', () => {
      const session = {
        idleSeconds: 60,
        notice: 'notice.expired',
        warning: { beforeSeconds: 60, text: 'reg.done' }
      }
      assert.throws(
        () => defineBot({ ...smallBot.spec, session }),
        /session\.warning\.beforeSeconds is not between 0 and idleSeconds/
      )
    })
  })
})
