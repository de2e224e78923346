import assert from 'node:assert/strict'
import { choose, defineFlow, end, goto, rest, say, text } from '../../../lib/flow/index.ts'
import { talkOf } from '../one-flow.ts'

describe('say', () => {
  it('as a step says its text and goes on in the same turn', () => {
    const talk = talkOf([
      defineFlow(
        { name: 'one', start: 'first' },
        {
          first: say({ text: text('ask'), next: goto('second') }),
          second: say({
            text: view => text(view.core.locale === 'en' ? 'more' : 'bad'),
            next: goto('idle')
          }),
          idle: rest({ next: goto('first') })
        }
      )
    ])

    assert.deepEqual(talk.say('hello'), ['ask', 'more'])
    assert.deepEqual(talk.say('hello'), ['ask', 'more'])
  })

  it('as a move stands before another one, and may be marked as a greeting', () => {
    const talk = talkOf([
      defineFlow(
        { name: 'one', start: 'pick' },
        {
          pick: choose({
            prompt: text('menu'),
            options: [{ id: 'x', label: 'X' }],
            next: { x: [say(text('other'), { note: 'greeting' }), say(text('more')), end()] },
            invalid: text('bad')
          })
        }
      )
    ])
    talk.say('hello')

    assert.deepEqual(talk.tap('x'), ['other', 'more', 'menu'])
    assert.deepEqual(talk.replies[0], { kind: 'text', text: 'other', note: 'greeting' })
    assert.deepEqual(talk.replies[1], { kind: 'text', text: 'more' })
  })
})
