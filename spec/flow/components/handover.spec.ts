import assert from 'node:assert/strict'
import type { OperatorCommand } from '../../../lib/conversation/turn-event.ts'
import {
  accept,
  ask,
  choose,
  confirm,
  defineFlow,
  end,
  goto,
  handover,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'
import { START_MS, type Talk } from '../talk.ts'

const WITHIN_S = 3600
const flow = (version = 1) =>
  defineFlow(
    { name: 'shop', version, data: Data, start: 'pick' },
    {
      pick: choose({
        prompt: text('menu'),
        options: [{ id: 'x', label: 'X' }],
        next: { x: goto('person') },
        invalid: text('bad')
      }),
      person: handover({
        text: text('other'),
        withinSeconds: WITHIN_S,
        next: ({ core }) => (core.locale === 'en' ? goto('sure') : goto('wish')),
        late: goto('wish')
      }),
      sure: confirm({
        prompt: text('again'),
        confirmed: end(text('done')),
        cancelled: end(),
        invalid: text('bad')
      }),
      wish: ask({ fields: ['a'], prompt: text('ask'), read: a => accept({ a }), next: end() })
    }
  )
const withPerson = () => {
  const talk = talkOf([flow()], { commands: { home: { words: ['home'], do: 'shop' } } })
  talk.say('hello')
  talk.tap('x')
  return talk
}
const command = (talk: Talk<never>, name: 'resume' | 'reset'): OperatorCommand => {
  const ordered = { kind: 'OperatorCommand', id: talk.nextId(), by: 'eve' } as const
  return name === 'reset'
    ? { ...ordered, command: 'reset' }
    : { ...ordered, command: 'resume', reason: 'solved' }
}
const resumed = (talk: unknown) =>
  (talk as Talk<never>).take(command(talk as Talk<never>, 'resume'))
const late = (talk: ReturnType<typeof withPerson>) => {
  const { id, dueMs } = talk.state.timers.find(({ what }) => what === 'return')!
  talk.nowMs = dueMs
  return talk.take({ kind: 'TimerDue', id: 'due', timer: id, dueMs })
}
const given = ({ decision }: { readonly decision: object }): unknown =>
  'handover' in decision ? decision.handover : 'as it was'

describe('handover', () => {
  it('says its text, then gives the conversation to a person for a time', () => {
    const talk = talkOf([flow()])
    talk.say('hello')

    assert.deepEqual(talk.tap('x'), ['other'])

    assert.equal(talk.place, 'shop.person')
    assert.deepEqual(given(talk), { by: 'shop.person' })
    assert.deepEqual(
      talk.state.timers.filter(({ what }) => what === 'return'),
      [{ id: 'handover', dueMs: START_MS + WITHIN_S * 1000, what: 'return' }]
    )
  })

  it('goes on where it says when the person gives the conversation back', () => {
    const talk = withPerson()

    assert.deepEqual(resumed(talk), ['again'])

    assert.equal(talk.place, 'shop.sure')
    assert.equal(given(talk), null)
  })

  it('goes on elsewhere when nobody gave it back in time', () => {
    const talk = withPerson()

    assert.deepEqual(late(talk), ['ask'])
    assert.equal(given(talk), null)
  })

  it('leaves no timer of its own behind, and a session that begins anew', () => {
    for (const back of [resumed, late]) {
      const talk = withPerson()
      talk.nowMs += 900_000

      back(talk)

      assert.deepEqual(talk.state.timers, [
        { id: 'session', dueMs: talk.nowMs + 300_000, what: 'expire' }
      ])
      assert.equal(talk.state.session.deadline, talk.nowMs + 300_000)
      assert.equal(talk.state.session.lastMessageAt, START_MS)
    }
  })

  it('takes nothing of what was said to the person, not even a yes', () => {
    const talk = withPerson()
    talk.nowMs += 5000
    resumed(talk)
    const { flow: frame } = talk.state

    assert.deepEqual(talk.send({ kind: 'text', text: 'yes' }, talk.nowMs - 1000), [])
    assert.deepEqual(talk.send({ kind: 'text', text: 'home' }, talk.nowMs), [])

    assert.equal(talk.state.flow, frame)
    assert.deepEqual(talk.audit, [{ kind: 'saidToPerson', event: `m${talk.events}` }])
    talk.nowMs += 1
    assert.deepEqual(talk.say('yes'), ['done', 'menu'])
    assert.deepEqual(talk.send({ kind: 'text', text: 'home' }, talk.nowMs - 2), [])
  })

  it('notes when the member wrote to the person, and keeps the session as it was', () => {
    const talk = withPerson()
    talk.nowMs += 5000
    resumed(talk)
    const { session, timers } = talk.state

    talk.send({ kind: 'text', text: 'first' }, talk.nowMs - 1000)
    talk.send({ kind: 'text', text: 'out of order' }, talk.nowMs - 2000)

    assert.deepEqual(talk.state.session, { ...session, lastMessageAt: talk.nowMs - 1000 })
    assert.deepEqual(talk.state.timers, timers)
  })

  it('is over when an operator resets the conversation', () => {
    const talk = withPerson()

    talk.take(command(talk as never, 'reset'))

    assert.equal(talk.place, 'shop.pick')
    assert.equal(given(talk), null)
    assert.ok(talk.state.timers.every(({ id }) => id !== 'handover'))
  })

  it('that nobody holds is over with the next message', () => {
    const talk = withPerson()

    assert.deepEqual(talk.say('hello?'), ['again'])
    assert.equal(given(talk), null)
  })

  it('begins anew when the dialogue is put back to it', () => {
    const talk = withPerson()
    const { flow: frame } = talk.state
    resumed(talk)
    const event = {
      ...(command(talk as never, 'resume') as { kind: 'OperatorCommand'; id: string; by: string }),
      command: 'rollback',
      reason: 'once more',
      epoch: 'e',
      version: 2,
      read: 'p/n.1',
      flow: frame,
      signedIn: false,
      acrossEffects: false
    } as const

    const said = talk.commit(talk.program.restore!(talk.state, frame, event, talk.at()), event)

    assert.deepEqual(said, ['other'])
    assert.deepEqual(given(talk), { by: 'shop.person' })
  })

  it('of an older build is retired when the person gives it back', () => {
    const talk = withPerson()
    talk.state = { ...talk.state, flow: { ...talk.state.flow, flowVersion: 0 } }

    assert.deepEqual(resumed(talk), ['This has changed meanwhile, let us start over.', 'menu'])
    assert.equal(given(talk), null)
  })
})
