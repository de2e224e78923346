import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  back,
  branch,
  call,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  goto,
  say,
  text
} from '../../../lib/flow/index.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const UNKNOWN = { tag: 'unreachable', known: 'unknown' } as const
const NOT_DONE = { tag: 'unreachable', known: 'not-done' } as const
const DONE = { tag: 'answered', outcome: 'done', output: { balance: '0' } } as const
const MAYBE = 'What you confirmed may have been done already. Please check before you repeat it.'
const ALICE = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}

/** A bot that looks before it asks again; its confirm may lead to the payment by two steps. */
function lookingBot(ways: 'one' | 'two') {
  const of = (name: string, effect: boolean) => {
    const outcomes = { done: t.strict({}) }
    const run = () => attempt(async () => ({ outcome: 'done' as const, output: {} }))
    return defineCall({
      name,
      effect,
      input: t.strict({}),
      outcomes,
      run,
      late: { done: text('late') }
    })
  }
  const [make, see] = [of('pay', true), of('look', false)]
  const pay = call({
    call: make,
    signedBy: 'sure',
    input: () => ({}),
    outcomes: { done: [say(text('paid')), goto('sure')] },
    unreachable: goto('look')
  })
  const again = back('sure', text('maybe'))
  const look = call({ call: see, input: () => ({}), outcomes: { done: again }, unreachable: again })
  const way = branch({ on: () => 'pay' as const, to: { pay: goto('pay'), other: goto('other') } })
  const asks = { prompt: text('sure'), cancelled: goto('sure'), invalid: text('sure') }
  const home = defineFlow(
    { name: 'home', start: 'sure' },
    {
      sure: confirm({ ...asks, confirmed: goto('way') }),
      way,
      pay,
      other: ways === 'one' ? look : pay,
      look
    }
  )
  const texts = { en: Object.fromEntries(['sure', 'paid', 'maybe', 'late'].map(key => [key, key])) }
  return defineBot({ name: 'looking', flows: [home], start: 'home', texts })
}

/** A member who has confirmed a payment. */
function confirmed() {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', ALICE)
  talk.tap('pay')
  talk.say('5')
  talk.say('bob')
  talk.answer('found', { accountId: 'acc-bob' })
  talk.tap('confirm')
  return talk
}

/** A payment of which nobody knows whether it was made. */
function unresolved() {
  const talk = confirmed()
  const { key } = talk
  talk.settle(UNKNOWN)
  const standing = (): readonly string[] =>
    talk.state.calls.flatMap(call => (call.key === key ? [call.unresolved ?? 'driven'] : []))
  return { talk, key, standing }
}

describe('a signed call that may have been done', () => {
  it('stays listed while its confirm is open, and a yes makes it again under its key', () => {
    const { talk, key, standing } = unresolved()
    assert.equal(talk.place, 'payment.confirm')
    assert.deepEqual(standing(), ['open'])

    talk.say('what?')
    assert.deepEqual(standing(), ['open'])
    talk.say('yes')

    assert.deepEqual([talk.key, standing()], [key, ['driven']])
    assert.equal(talk.decision.tag === 'commit' && talk.decision.next.calls[0]?.unresolved, 'open')
    talk.answer('done', { balance: '0' })
    assert.deepEqual(standing(), [])
  })

  for (const way of ['cancel', 'menu'] as const)
    it(`is left by ${way}, and the member hears that it may have been made`, () => {
      const { talk, key, standing } = unresolved()

      const said = way === 'cancel' ? talk.tap('cancel') : talk.say('menu')

      assert.equal(said[0], MAYBE)
      assert.equal(said.filter(text => text === MAYBE).length, 1)
      assert.deepEqual(standing(), ['left'])
      assert.ok(talk.audit.some(note => note.kind === 'callDetached' && note.key === key))
      assert.equal(talk.say('hello').includes(MAYBE), false)
    })

  it('is left in silence by a session that ends', () => {
    const { talk, standing } = unresolved()

    assert.deepEqual(talk.due(), [])

    assert.deepEqual(standing(), ['left'])
  })

  it('is gone when it was read back, its late text said where it was done', () => {
    for (const done of [true, false]) {
      const { talk, key, standing } = unresolved()
      talk.tap('cancel')

      const said = talk.settle(done ? DONE : UNKNOWN, null, key)

      assert.deepEqual(said, done ? ['Your payment was made after all.'] : [])
      assert.deepEqual(standing(), [])
    }
  })

  it('is not settled by what tells nothing new', () => {
    const { talk, key, standing } = unresolved()
    for (const late of [UNKNOWN, { tag: 'memberUnknown', known: 'unknown' } as const]) {
      talk.settle(late, null, key)
      assert.equal(talk.decision.tag, 'ignore')
    }
    assert.deepEqual(standing(), ['open'])
  })

  it('is over when it was not done, and when it changes nothing', () => {
    const talk = confirmed()
    talk.settle(NOT_DONE)
    assert.deepEqual(talk.state.calls, [])

    talk.tap('cancel')
    talk.tap('pay')
    talk.say('5')
    talk.say('bob')
    talk.settle(UNKNOWN)
    assert.deepEqual(talk.state.calls, [])
  })

  it('is left, and told to a member whom nobody knows any more when a yes repeats it', () => {
    const { talk, key, standing } = unresolved()
    talk.say('yes')
    assert.equal(talk.key, key)

    assert.deepEqual(talk.settle({ tag: 'memberUnknown', known: 'unknown' }), [
      MAYBE,
      'Tap to join.'
    ])

    assert.deepEqual(standing(), ['left'])
    const notes = talk.audit.flatMap(note => (note.kind === 'callSettled' ? [note.outcome] : []))
    assert.deepEqual(notes.slice(-1), ['memberUnknown'])
  })

  it('is left in silence when the member is unknown to a call that no flow waits for', () => {
    const talk = confirmed()
    const { key } = talk
    talk.take({ kind: 'OperatorCommand', id: 'o1', by: 'eve', command: 'reset' })

    assert.deepEqual(talk.settle({ tag: 'memberUnknown', known: 'unknown' }, null, key), [])

    assert.deepEqual(
      talk.state.calls.map(call => call.unresolved),
      ['left']
    )
  })

  it('is over when the member is unknown and it was not done', () => {
    const talk = confirmed()

    assert.deepEqual(talk.settle({ tag: 'memberUnknown', known: 'not-done' }), ['Tap to join.'])

    assert.deepEqual(talk.state.calls, [])
  })

  for (const [what, result, told] of [
    ['it may have been made', UNKNOWN, [MAYBE]],
    ['it was made', DONE, ['Your payment was made after all.']],
    ['nothing of it', NOT_DONE, []]
  ] as const)
    it(`tells a member that ${what} where no step of this build hears of it`, () => {
      const talk = confirmed()
      talk.state = { ...talk.state, flow: { ...talk.state.flow, flowVersion: 1 } }

      const said = talk.settle(result)

      assert.deepEqual(said, [...told, 'Payments have changed.', 'Balance 5.'])
      const left = talk.state.calls.map(call => call.unresolved)
      assert.deepEqual(left, result === UNKNOWN ? ['left'] : [])
    })

  it('is told where an upgrade has taken the flow back to its confirm, which stays open', () => {
    const { talk, key, standing } = unresolved()
    talk.say('yes')
    talk.state = { ...talk.state, flow: { ...talk.state.flow, step: 'confirm' } }

    assert.deepEqual(talk.settle(UNKNOWN, null, key), [MAYBE])

    assert.deepEqual([standing(), talk.place], [['open'], 'payment.confirm'])
  })

  it('is read back when an operator reset the flow before its attempts were spent', () => {
    const talk = confirmed()
    const { key } = talk
    talk.take({ kind: 'OperatorCommand', id: 'o1', by: 'eve', command: 'reset' })

    assert.deepEqual(talk.settle(UNKNOWN, null, key), [])

    assert.deepEqual(
      talk.state.calls.map(call => call.unresolved),
      ['left']
    )
  })
})

describe('an answer that comes when its confirm is open again', () => {
  it('goes to the step that the confirm signs, as if it had come in time', () => {
    const { talk, key, standing } = unresolved()
    const asked = talk.instance

    assert.deepEqual(talk.settle(DONE, null, key), ['Paid.', 'Balance 0.'])

    assert.deepEqual([talk.place, standing()], ['menu.dashboard', []])
    talk.tap('confirm', asked)
    assert.equal(talk.key, 'none')
  })

  it('is told, and the flow begins anew, where this build has no such step any more', () => {
    const { talk, key, standing } = unresolved()
    talk.state = { ...talk.state, flow: { ...talk.state.flow, flowVersion: 1 } }

    const said = talk.settle(DONE, null, key)

    const told = ['Your payment was made after all.', 'Payments have changed.', 'Balance 5.']
    assert.deepEqual([said, standing(), talk.place], [told, [], 'menu.dashboard'])
  })

  it('leaves the confirm as it is when its output fits no outcome', () => {
    const { talk, key, standing } = unresolved()

    const said = talk.settle({ tag: 'answered', outcome: 'done', output: {} }, null, key)

    assert.deepEqual([said, standing(), talk.place], [[], ['open'], 'payment.confirm'])
  })
  for (const [ways, said] of [
    ['one', ['paid', 'sure']],
    ['two', ['late', 'This has changed meanwhile, let us start over.', 'sure']]
  ] as const)
    it(`lets go of a call that the flow waits for by then, with ${ways} to go on from`, () => {
      const talk = new Talk(lookingBot(ways))
      talk.say('hello')
      const asked = talk.instance
      talk.say('yes')
      const { key } = talk
      talk.settle(UNKNOWN)
      const look = talk.key
      assert.deepEqual([talk.instance, talk.place], [asked, 'home.look'])

      assert.deepEqual(
        talk.settle({ tag: 'answered', outcome: 'done', output: {} }, null, key),
        said
      )

      assert.notEqual(talk.instance, asked)
      assert.deepEqual(
        talk.state.calls.map(call => [call.key, call.attached]),
        [[look, false]]
      )
    })
})
