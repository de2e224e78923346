import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  type Core,
  choose,
  defineFlow,
  end,
  enter,
  type Flow,
  goto,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

type Plain = Core<never, never>
const options = [
  { id: 'x', label: 'X' },
  { id: 'y', label: 'Y' }
] as const

const picking: Flow<Plain, string> = defineFlow(
  { name: 'picking', data: Data, returns: t.string, start: 'pick' },
  {
    pick: choose({
      prompt: ({ data }) => text(data.b === 'given' ? 'other' : 'list'),
      options,
      field: 'a',
      next: option => (option === 'x' ? end(text('done'), 'X!') : end(null, 5 as never)),
      invalid: text('bad')
    })
  }
)

const outer = () =>
  defineFlow(
    { name: 'outer', data: Data, start: 'first' },
    {
      first: ask({
        fields: ['a'],
        prompt: text('ask'),
        read: a => accept({ a }),
        next: goto('sub')
      }),
      sub: enter({
        flow: picking,
        data: view => ({ b: view.data.a === 'give' ? 'given' : undefined }),
        returned: value => goto('last', { b: value })
      }),
      last: ask({ fields: ['n'], prompt: text('more'), read: () => accept({ n: 1 }), next: end() })
    }
  )

const within = (...said: readonly string[]) => {
  const talk = talkOf([outer(), picking], {
    commands: { out: { words: ['out'], do: 'outer' } }
  })
  for (const each of ['hello', ...said]) talk.say(each)
  return talk
}

describe('enter', () => {
  it('begins the other flow with its own data and keeps this one as its caller', () => {
    const talk = within('give')

    assert.deepEqual(talk.replies.length, 1)
    assert.equal(talk.place, 'picking.pick')
    assert.deepEqual(talk.state.flow.data, { b: 'given' })
    assert.equal(talk.state.flow.caller?.step, 'sub')
    assert.deepEqual(talk.state.flow.caller?.data, { a: 'give' })
  })

  it('comes back with the value, the own data as it was', () => {
    const talk = within('blue')

    assert.deepEqual(talk.tap('x'), ['done', 'more'])
    assert.equal(talk.place, 'outer.last')
    assert.deepEqual(talk.state.flow.data, { a: 'blue', b: 'X!' })
    assert.equal(talk.state.flow.caller, null)
    assert.deepEqual(talk.audit[0], { kind: 'dropped', fields: ['a'], why: 'flow' })
  })

  it('refuses a value outside the declared codec', () => {
    assert.throws(() => within('blue').tap('y'), /picking\.pick: the value does not fit/)
  })

  it('is left whole by a command, which names what all of it dropped', () => {
    const talk = within('give')

    assert.deepEqual(talk.say('out'), ['ask'])
    assert.equal(talk.state.flow.caller, null)
    assert.deepEqual(talk.audit[0], { kind: 'dropped', fields: ['b', 'a'], why: 'command' })
  })

  it('goes to the menu, with the retired text, when its caller is from an older build', () => {
    const talk = within('blue')
    const { flow } = talk.state
    assert.ok(flow.caller)
    talk.state = { ...talk.state, flow: { ...flow, caller: { ...flow.caller, flowVersion: 0 } } }

    assert.deepEqual(talk.tap('x'), [
      'done',
      'This has changed meanwhile, let us start over.',
      'ask'
    ])
  })

  it('throws beyond eight flows in each other', () => {
    const loop: Flow<Plain> = defineFlow(
      { name: 'loop', data: Data, start: 'first' },
      {
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: a => accept({ a }),
          next: goto('sub')
        }),
        sub: enter({
          get flow(): Flow<Plain> {
            return loop
          },
          returned: goto('first')
        })
      }
    )
    const talk = talkOf([loop])
    talk.say('hello')

    for (let depth = 1; depth < 8; depth += 1) talk.say('deeper')

    assert.throws(() => talk.say('deeper'), /loop\.sub: over 8 flows in each other/)
  })
})
