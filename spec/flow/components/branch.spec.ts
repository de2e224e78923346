import assert from 'node:assert/strict'
import { accept, ask, branch, defineFlow, end, goto, text } from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const branching = (on: (said: string) => string) => {
  const talk = talkOf([
    defineFlow(
      { name: 'one', data: Data, start: 'first' },
      {
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: a => accept({ a }),
          next: goto('way')
        }),
        way: branch({
          on: view => on(view.data.a ?? '') as 'few' | 'many',
          to: { few: end(text('over')), many: goto('first') }
        })
      }
    )
  ])
  talk.say('hello')
  return talk
}

describe('branch', () => {
  it('goes the way that it names, without asking', () => {
    assert.deepEqual(branching(() => 'few').say('x'), ['over', 'ask'])
    assert.deepEqual(branching(said => said).say('many'), ['ask'])
  })

  it('throws for a way that it does not declare, inherited names among them', () => {
    assert.throws(() => branching(() => 'none').say('x'), /the branch declares no way "none"/)
    assert.throws(() => branching(() => 'toString').say('x'), /no way "toString"/)
  })
})
