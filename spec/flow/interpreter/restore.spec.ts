import assert from 'node:assert/strict'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import type { RollbackCommand } from '../../../lib/conversation/turn-event.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { START_MS, Talk } from '../talk.ts'

const ALICE = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}

describe('a frame that is put back', () => {
  it('opens its prompt anew, with its data and its attempts, and says it again', () => {
    const { talk, past } = movedOn()

    assert.deepEqual(restored(talk, past), ['Which handle?'])

    const { flow, core } = talk.state
    const { prompt, ...rest } = past.flow
    assert.deepEqual({ ...flow, prompt: null }, { ...rest, prompt: null })
    assert.equal(flow.validation.attempts, 1)
    assert.ok(prompt !== null && flow.prompt?.instance !== prompt.instance)
    assert.equal(core, talk.state.core)
    assert.deepEqual(talk.audit, [
      { kind: 'moved', from: 'menu.dashboard', to: 'payment.handle', by: 'operator' }
    ])
    assert.deepEqual(talk.say('bob'), [])
    assert.equal(talk.place, 'payment.resolve')
  })

  it('keeps the deadline and the timers of a session that runs', () => {
    const { talk, past } = movedOn()
    const { session, timers } = talk.state
    talk.nowMs += 1_000

    restored(talk, past)

    assert.equal(talk.state.session, session)
    assert.equal(talk.state.timers, timers)
  })

  it('begins a session where none runs, so that it does not stay open for ever', () => {
    const { talk, past } = movedOn()
    const session = { ...talk.state.session, deadline: null }
    talk.state = { ...talk.state, session, timers: [] }
    talk.nowMs += 7_000

    restored(talk, past)

    const deadline = START_MS + 307_000
    assert.equal(talk.state.session.deadline, deadline)
    assert.equal(talk.state.session.lastMessageAt, session.lastMessageAt)
    assert.deepEqual(
      talk.state.timers.map(({ id, dueMs }) => [id, dueMs]),
      [['session', deadline]]
    )
  })

  it('meets a session that has run out, though its timer did not', () => {
    const { talk, past } = movedOn()
    talk.nowMs += 300_000

    restored(talk, past)

    assert.equal(talk.state.core.member, null)
    assert.equal(talk.state.session.notice, null)
  })

  it('says nothing where nothing was asked', () => {
    const { talk } = movedOn()
    const idle = talk.program.initial(talk.state.core.channel, talk.at())

    assert.deepEqual(restored(talk, idle), [])

    assert.equal(talk.place, 'init.idle')
    assert.deepEqual(talk.say('hello'), [])
    assert.equal(talk.place, 'login.login')
  })

  it('is asked for the answer again whose call it waited for, and makes no call', () => {
    const { talk, past } = movedOn(['bob'])
    assert.equal(past.flow.step, 'resolve')

    assert.deepEqual(restored(talk, past), ['Which handle?'])

    assert.equal(talk.place, 'payment.handle')
    assert.ok(talk.decision.tag === 'commit' && talk.decision.call === null)
  })

  it('is refused where its flow is another one now', () => {
    const { talk, past } = movedOn()
    const before = talk.state

    restored(talk, { ...past, flow: { ...past.flow, flowVersion: 1 } })

    assert.equal(talk.decision.tag, 'ignore')
    assert.equal(talk.state, before)
  })
})

/** A payment left for the menu, and the state in which a handle had been refused once. */
function movedOn(more: readonly string[] = []): {
  readonly talk: Talk<ConversationRecord['core']>
  readonly past: ConversationRecord
} {
  const talk = new Talk(smallBot) as unknown as Talk
  talk.say('hello')
  talk.answer('found', ALICE)
  talk.tap('pay')
  talk.say('5')
  talk.say('no handle')
  for (const said of more) talk.say(said)
  const past = talk.state
  if (more.length > 0) talk.answer('found', { accountId: 'a' })
  talk.say('hi')
  talk.answer('found', ALICE)
  return { talk, past }
}

function restored(talk: Talk, { flow }: ConversationRecord): readonly string[] {
  const event: RollbackCommand = {
    kind: 'OperatorCommand',
    command: 'rollback',
    id: talk.nextId(),
    by: 'eve',
    reason: 'r',
    epoch: 'e',
    version: 1,
    read: 'p/n.1',
    flow,
    signedIn: false,
    acrossEffects: false
  }
  return talk.commit(talk.program.restore!(talk.state, flow, event, talk.at()), event)
}
