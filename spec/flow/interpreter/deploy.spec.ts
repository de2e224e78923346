import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { FlowFrame } from '../../../lib/conversation/record.ts'
import {
  accept,
  ask,
  attempt,
  call,
  choose,
  confirm,
  defineCall,
  defineFlow,
  end,
  type Flow,
  goto,
  say,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

type Upgrade = NonNullable<Flow['upgrade']>

const build = (upgrade?: Upgrade) =>
  talkOf([
    defineFlow(
      { name: 'menu', start: 'pick' },
      {
        pick: choose({
          prompt: text('menu'),
          options: [{ id: 'x', label: 'X' }],
          next: { x: goto({ flow: 'form' }) },
          invalid: text('bad')
        })
      }
    ),
    defineFlow(
      {
        name: 'form',
        version: 2,
        data: Data,
        start: 'first',
        retired: text('over'),
        ...(upgrade === undefined ? {} : { upgrade })
      },
      {
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: a => accept({ a }),
          next: goto('second')
        }),
        second: ask({
          fields: ['b'],
          prompt: text('more'),
          read: b => accept({ b }),
          next: goto('first')
        })
      }
    )
  ])

const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.strict({}),
  outcomes: { done: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})
const paying = defineFlow(
  {
    name: 'paying',
    version: 2,
    data: Data,
    start: 'first',
    upgrade: ({ data }) => ({ step: 'sum', data })
  },
  {
    first: ask({
      fields: ['a'],
      prompt: text('menu'),
      read: a => accept({ a }),
      next: goto('sure')
    }),
    sure: confirm({
      prompt: text('ask'),
      confirmed: goto('sum'),
      cancelled: end(),
      invalid: text('bad')
    }),
    sum: say({ text: text('more'), next: goto('pay') }),
    pay: call({
      call: pay,
      signedBy: 'sure',
      input: () => ({}),
      outcomes: { done: end(text('done')) },
      unreachable: end(text('bad'))
    })
  }
)

/** A conversation in the form, its frame as another build left it. */
const left = (frame: Partial<FlowFrame>, upgrade?: Upgrade) => {
  const talk = build(upgrade)
  talk.say('hello')
  talk.tap('x')
  talk.say('blue')
  talk.state = { ...talk.state, flow: { ...talk.state.flow, ...frame } }
  return talk
}
const reasonOf = (frame: Partial<FlowFrame>) => {
  const talk = left(frame)
  return talk.program.invalid(talk.state)
}

describe('a frame of an older flow', () => {
  it('is brought up by its flow and answered as if nothing had happened', () => {
    const talk = left({ flowVersion: 1, step: 'zweite', data: { b: 'old' } }, frame => ({
      step: 'second',
      data: { a: String(frame.data['b']) }
    }))

    assert.deepEqual(talk.say('green'), ['ask'])
    assert.deepEqual(talk.state.flow.data, { a: 'old', b: 'green' })
    assert.equal(talk.state.flow.flowVersion, 2)
  })

  it('keeps its open question under the new name of its step', () => {
    const prompt = { instance: 'e.1.0.n1', step: 'zweite', options: [] }
    const talk = left({ flowVersion: 1, step: 'zweite', data: { a: 'x' }, prompt }, () => ({
      step: 'second',
      data: { a: 'x' }
    }))

    assert.deepEqual(talk.say('green'), ['ask'])
    assert.deepEqual(talk.state.flow.data, { a: 'x', b: 'green' })
  })

  it('is asked anew what is not asked like that any more', () => {
    const prompt = { instance: 'e.1.0.n1', step: 'gone', options: [] }
    const talk = left({ flowVersion: 1, step: 'zweite', prompt }, () => ({
      step: 'second',
      data: {}
    }))

    assert.deepEqual(talk.say('green'), ['more'])
    assert.deepEqual(talk.state.flow.data, {})
  })

  it('that is brought up to before a signed call is asked for the yes first', () => {
    const talk = talkOf([paying])
    talk.say('hello')
    talk.say('blue')
    talk.state = { ...talk.state, flow: { ...talk.state.flow, flowVersion: 1, step: 'total' } }

    assert.deepEqual(talk.say('go on'), ['more', 'ask'])
    assert.deepEqual([talk.place, talk.key], ['paying.sure', 'none'])
    talk.tap('confirm')
    assert.match(talk.key, /^pay\//)
  })

  it('that cannot be brought up is retired: its text, the menu, the message no answer', () => {
    const talk = left({ flowVersion: 1 })

    assert.deepEqual(talk.say('green'), ['over', 'menu'])
    assert.equal(talk.place, 'menu.pick')
    assert.ok(talk.audit.some(note => note.kind === 'moved' && note.by === 'retired'))
  })

  it('is retired too when upgrade gives up, or a step or data that this build refuses', () => {
    const upgrades: readonly Upgrade[] = [
      () => null,
      ({ data }) => ({ step: 'zz', data }),
      () => ({ step: 'second', data: { n: 'x' } })
    ]
    for (const upgrade of upgrades)
      assert.deepEqual(left({ flowVersion: 1 }, upgrade).say('green'), ['over', 'menu'])
  })

  it('is retired when its flow is gone altogether', () => {
    const talk = left({ flow: 'gone', flowVersion: 9 })

    assert.equal(talk.program.invalid(talk.state), null)
    assert.deepEqual(talk.say('green'), ['This has changed meanwhile, let us start over.', 'menu'])
    assert.equal(
      left({ flow: 'gone' }).program.place(left({ flow: 'gone' }).state).stage,
      'UNKNOWN'
    )
  })

  it('is not invalid', () => {
    assert.equal(reasonOf({ flowVersion: 1, step: 'zz', data: { zz: 1 } }), null)
  })
})

describe('a frame of a newer flow', () => {
  it('is reported as newer, also as a caller, and decided upon by nobody', () => {
    const talk = left({ flowVersion: 3 })

    assert.match(talk.program.invalid(talk.state) ?? '', /^newer: flow "form" is at version 3/)
    talk.say('green')
    assert.equal(talk.decision.tag, 'ignore')
    const caller = { ...talk.state.flow }
    assert.match(reasonOf({ caller }) ?? '', /^newer/)
  })
})

describe('a frame of the same version', () => {
  it('that fits is not invalid', () => {
    assert.equal(reasonOf({}), null)
  })

  it('with a step, prompt, option or field that this build does not know is invalid (B7)', () => {
    const prompt = (step: string, options: readonly string[]) => ({
      prompt: { instance: 'e.1.0.n1', step, options }
    })

    assert.match(reasonOf({ step: 'zz' }) ?? '', /flow "form" has no step "zz"/)
    assert.match(reasonOf(prompt('zz', [])) ?? '', /flow "form" has no step "zz"/)
    assert.match(reasonOf({ data: { zz: 1 } }) ?? '', /flow "form": field "zz" is not declared/)
    assert.match(reasonOf({ data: { n: 'x' } }) ?? '', /flow "form": field "n" does not fit/)
    const talk = build()
    talk.say('hello')
    talk.state = { ...talk.state, flow: { ...talk.state.flow, ...prompt('pick', ['x', 'y']) } }
    assert.match(talk.program.invalid(talk.state) ?? '', /flow "menu" has no option "y"/)
  })
})
