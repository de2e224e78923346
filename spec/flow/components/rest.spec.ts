import assert from 'node:assert/strict'
import { accept, ask, defineFlow, end, goto, rest, text } from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const resting = () =>
  talkOf([
    defineFlow(
      { name: 'one', data: Data, start: 'idle' },
      {
        idle: rest({ next: view => (view.data.a === undefined ? goto('first') : end()) }),
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: a => accept({ a }),
          next: goto('idle')
        })
      }
    )
  ])

describe('rest', () => {
  it('goes on at any message at all and takes nothing from it', () => {
    for (const content of [
      { kind: 'text', text: 'hello' },
      { kind: 'choice', instance: 'e.0.0.old', option: 'x' },
      { kind: 'unsupported', what: 'image' },
      { kind: 'location', latitude: 1, longitude: 2 }
    ] as const) {
      const talk = resting()
      assert.deepEqual(talk.send(content), ['ask'])
      assert.deepEqual(talk.state.flow.data, {})
    }
  })

  it('says nothing when it is entered', () => {
    const talk = resting()
    talk.say('hello')

    assert.deepEqual(talk.say('blue'), [])
    assert.equal(talk.place, 'one.idle')
    assert.deepEqual(talk.send({ kind: 'choice', instance: 'old', option: 'x' }), [])
  })
})
