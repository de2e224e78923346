import assert from 'node:assert/strict'
import { choose, defineFlow, end, goto, text } from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const options = [
  { id: 'x', label: 'X' },
  { id: 'y', label: 'Y' }
] as const

const ending = () =>
  talkOf([
    defineFlow(
      { name: 'menu', start: 'pick' },
      {
        pick: choose({
          prompt: text('menu'),
          options,
          next: { x: goto({ flow: 'other' }, { a: 'x' }), y: end(text('over')) },
          invalid: text('bad')
        })
      }
    ),
    defineFlow(
      { name: 'other', data: Data, start: 'pick' },
      {
        pick: choose({
          prompt: text('other'),
          options,
          next: { x: end(text('done')), y: goto('leave') },
          invalid: text('bad')
        }),
        leave: end()
      }
    )
  ])

describe('end', () => {
  it('says its text, drops the data by name and goes to the menu', () => {
    const talk = ending()
    talk.say('hello')
    talk.tap('x')

    assert.deepEqual(talk.tap('x'), ['done', 'menu'])

    assert.equal(talk.place, 'menu.pick')
    assert.deepEqual(talk.state.flow.data, {})
    assert.deepEqual(talk.audit, [
      { kind: 'dropped', fields: ['a'], why: 'flow' },
      { kind: 'moved', from: 'other.pick', to: 'menu.pick', by: 'flow' }
    ])
  })

  it('is a step of its own, and may be silent', () => {
    const talk = ending()
    talk.say('hello')
    talk.tap('x')

    assert.deepEqual(talk.tap('y'), ['menu'])
  })

  it('of the menu itself shows the menu anew', () => {
    const talk = ending()
    talk.say('hello')
    const { instance } = talk

    assert.deepEqual(talk.tap('y'), ['over', 'menu'])
    assert.notEqual(talk.instance, instance)
  })
})
