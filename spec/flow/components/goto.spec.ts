import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  choose,
  defineFlow,
  end,
  enter,
  type Goto,
  goto,
  rest,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const options = [
  { id: 'x', label: 'X' },
  { id: 'y', label: 'Y' }
] as const

/** A choice whose x leads where it is told, and a flow to lead to. */
const leading = (move: unknown) => {
  const talk = talkOf([
    defineFlow(
      { name: 'one', data: Data, start: 'first' },
      {
        first: choose({
          prompt: text('ask'),
          options,
          next: option => (option === 'y' ? goto('second') : (move as Goto<'second'>)),
          invalid: text('bad')
        }),
        second: rest({ next: goto('third') }),
        third: goto('first')
      }
    ),
    defineFlow(
      { name: 'two', data: Data, start: 'start' },
      {
        start: ask({
          fields: ['b'],
          prompt: ({ data }) => text(data.a === undefined ? 'more' : 'again'),
          read: b => accept({ b }),
          next: goto('start')
        })
      }
    )
  ])
  talk.say('hello')
  return talk
}

describe('goto', () => {
  it('goes to a step, also as a step of its own', () => {
    const talk = leading(goto('second'))

    assert.deepEqual(talk.tap('x'), [])
    assert.equal(talk.place, 'one.second')
    assert.deepEqual(talk.say('go on'), ['ask'])
  })

  it('opens a new prompt at every entry, though the text be equal, and counts anew', () => {
    const talk = leading(goto('first'))
    const { instance } = talk
    talk.say('?')

    assert.deepEqual(talk.tap('x'), ['ask'])
    assert.notEqual(talk.instance, instance)
    assert.equal(talk.state.flow.validation.attempts, 0)
  })

  it('writes fields on the way; a field of undefined goes', () => {
    const talk = leading(goto('second', { a: 'x', n: 1 }))
    talk.tap('x')
    assert.deepEqual(talk.state.flow.data, { a: 'x', n: 1 })

    const other = leading(goto('second', { a: undefined }))
    other.state = { ...other.state, flow: { ...other.state.flow, data: { a: 'x', b: 'y' } } }
    other.tap('x')
    assert.deepEqual(other.state.flow.data, { b: 'y' })
  })

  it('removes a field only where the data may be without it', () => {
    const sub = defineFlow({ name: 'sub', start: 'first' }, { first: end() })
    const head = { name: 'one', start: 'first' } as const
    const made = [
      defineFlow(
        { ...head, data: Data },
        { first: enter({ flow: sub, returned: () => goto('first', { a: undefined }) }) }
      ),
      defineFlow(
        { ...head, data: t.type({ a: t.string }) },
        // @ts-expect-error
        { first: enter({ flow: sub, returned: () => goto('first', { a: undefined }) }) }
      )
    ]
    assert.equal(made.length, 2)
  })

  it('refuses to write what the codec of the data refuses, by flow, step and field', () => {
    assert.throws(
      () => leading(goto('second', { n: 'x' })).tap('x'),
      /one\.first: field "n" does not fit its codec/
    )
    assert.throws(
      () => leading(goto('second', { zz: 'x' })).tap('x'),
      /one\.first: field "zz" is not declared/
    )
  })

  it('begins another flow with nothing but the data it is given', () => {
    const talk = leading(goto({ flow: 'two' }, { a: 'x', b: undefined }))
    talk.state = { ...talk.state, flow: { ...talk.state.flow, data: { n: 1 } } }

    assert.deepEqual(talk.tap('x'), ['again'])

    assert.equal(talk.place, 'two.start')
    assert.deepEqual(talk.state.flow.data, { a: 'x' })
    assert.deepEqual(talk.audit, [
      { kind: 'dropped', fields: ['n'], why: 'flow' },
      { kind: 'moved', from: 'one.first', to: 'two.start', by: 'flow' }
    ])
  })

  it('refuses to begin a flow with data outside its codec, or one that is not there', () => {
    assert.throws(
      () => leading(goto({ flow: 'two' }, { n: 'x' })).tap('x'),
      /two\.start: field "n" does not fit its codec/
    )
    assert.throws(() => leading(goto({ flow: 'nowhere' })).tap('x'), /There is no flow "nowhere"/)
  })
})
