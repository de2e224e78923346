import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  defineFlow,
  forget,
  goto,
  remindAt,
  rest,
  say,
  tell,
  text
} from '../../lib/flow/index.ts'
import { talkOf } from './one-flow.ts'
import type { Talk } from './talk.ts'

const HOUR_MS = 3_600_000

function talking(quiet: readonly 'idle'[] = []): Talk {
  const home = defineFlow(
    { name: 'home', start: 'idle', data: t.partial({ word: t.string }), quiet },
    {
      idle: ask({
        fields: ['word'],
        prompt: text('ask'),
        read: word => accept({ word }),
        next: ({ data: { word = '' }, nowMs }) => {
          if (word === 'forget') return [forget('pay'), goto('idle')]
          const data = word === 'odd' ? { no: 'odd' } : { no: Number(word) }
          const atMs = nowMs + HOUR_MS
          const id = word.startsWith('1') ? word : 'pay'
          return [remindAt({ id, atMs, event: 'unpaid', data }), goto('idle')]
        }
      })
    }
  )
  const unpaid = tell({ data: t.strict({ no: t.number }), say: ({ no }) => text('done', { no }) })
  const talk = talkOf([home], {
    on: { unpaid },
    texts: { en: { ask: 'ask', done: 'unpaid {no}' } }
  }) as unknown as Talk
  talk.say('hi')
  return talk
}

/** The reminder falls due, this much after its time. */
function due(talk: Talk, lateMs = 0): readonly string[] {
  const timer = talk.state.timers.find(({ id }) => id.startsWith('remind:'))
  assert.ok(timer)
  talk.nowMs = timer.dueMs + lateMs
  const { id, dueMs } = timer
  return talk.take({ kind: 'TimerDue', id: `${id}@${dueMs}`, timer: id, dueMs })
}

const reminders = (talk: Talk): number =>
  talk.state.timers.filter(({ id }) => id.startsWith('remind:')).length

describe('a reminder', () => {
  it('is set beside a move, is said at its time and is gone; the dialogue stays', () => {
    const talk = talking()
    talk.say('7')
    const { flow } = talk.state
    assert.equal(
      talk.state.timers.find(({ id }) => id === 'remind:pay')?.dueMs,
      talk.nowMs + HOUR_MS
    )

    assert.deepEqual(due(talk), ['unpaid 7'])

    assert.equal(reminders(talk), 0)
    assert.equal(talk.state.flow, flow)
  })

  it('takes the place of one with its id, and is called off by it', () => {
    const talk = talking()
    talk.say('7')
    const first = talk.state.timers.find(({ id }) => id === 'remind:pay')
    assert.ok(first)
    talk.nowMs += 60_000
    talk.say('8')
    assert.equal(reminders(talk), 1)
    talk.nowMs = first.dueMs
    const early = { kind: 'TimerDue', id: 'x', timer: first.id, dueMs: first.dueMs } as const
    assert.deepEqual(talk.take(early), [])
    assert.equal(talk.decision.tag, 'ignore')

    talk.say('hi again')
    talk.say('forget')

    assert.equal(reminders(talk), 0)
  })

  it('is never said early, and outlives the session', () => {
    const talk = talking()
    talk.say('7')
    const timer = talk.state.timers.find(({ id }) => id === 'remind:pay')
    assert.ok(timer)
    talk.due()
    const { id, dueMs } = timer
    talk.nowMs = dueMs - 1
    assert.deepEqual(talk.take({ kind: 'TimerDue', id: 'x', timer: id, dueMs }), [])
    assert.equal(reminders(talk), 1)
    assert.deepEqual(due(talk), ['unpaid 7'])
  })

  it('waits a minute at a time while a quiet step has the conversation', () => {
    const talk = talking(['idle'])
    talk.say('7')
    assert.deepEqual(due(talk), [])
    assert.equal(talk.decision.tag, 'commit')
    const timer = talk.state.timers.find(({ id }) => id === 'remind:pay')
    assert.equal(timer?.dueMs, talk.nowMs + 60_000)
  })

  it('is a defect of the bot when it does not fit its event, or is the 17th', () => {
    const talk = talking()
    assert.throws(() => talk.say('odd'), /CHP_DECISION_INVALID.*does not fit "unpaid"/)
    for (let no = 100; no < 116; no += 1) talk.say(String(no))
    assert.equal(reminders(talk), 16)
    assert.throws(() => talk.say('117'), /CHP_DECISION_INVALID.*one too many: 16/)
    assert.equal(talk.say('100').length, 1)
  })
})

describe('a quiet step', () => {
  const news = (id: string) =>
    ({ kind: 'Told', id, event: 'unpaid', data: { no: 1 }, arrivedAtMs: 0 }) as const

  it('refuses what the host says first, and says what was taken before', () => {
    const talk = talking(['idle'])

    talk.take(news('t1'))
    assert.deepEqual(talk.decision, { tag: 'ignore', why: 'the step home.idle is quiet' })
    assert.deepEqual(talk.take({ ...news('t2'), waited: true }), ['unpaid 1'])
  })

  it('is a step of its flow, or the bot does not start', () => {
    const idle = rest({ next: [say(text('ask')), goto('idle')] })
    const flow = defineFlow({ name: 'home', start: 'idle', quiet: ['gone' as 'idle'] }, { idle })
    assert.throws(() => talkOf([flow]), /home: its quiet step "gone" is missing/)
  })
})
