import assert from 'node:assert/strict'
import { confirm, defineFlow, end, goto, text } from '../../../lib/flow/index.ts'
import { talkOf } from '../one-flow.ts'

const confirming = () => {
  const talk = talkOf([
    defineFlow(
      { name: 'one', start: 'sure' },
      {
        sure: confirm({
          prompt: text('ask'),
          confirmed: end(text('done')),
          cancelled: end(text('over')),
          invalid: text('bad'),
          words: { confirm: ['Oui'], cancel: ['Non'] }
        })
      }
    )
  ])
  talk.say('hello')
  return talk
}

describe('confirm', () => {
  it('shows two buttons', () => {
    assert.deepEqual(confirming().replies, [
      {
        kind: 'buttons',
        text: 'ask',
        instance: 'e.1.0.n1',
        options: [
          { id: 'confirm', label: 'Confirm' },
          { id: 'cancel', label: 'Cancel' }
        ]
      }
    ])
  })

  it('takes yes and no by tap or by word, in any case, and its own words', () => {
    for (const yes of ['yes', ' Y', 'TRUE', '1', 'oui'])
      assert.equal(confirming().say(yes)[0], 'done', yes)
    for (const no of ['no', 'n ', 'False', '0', 'NON'])
      assert.equal(confirming().say(no)[0], 'over', no)
    assert.equal(confirming().tap('confirm')[0], 'done')
    assert.equal(confirming().tap('cancel')[0], 'over')
  })

  it('records what was answered to which prompt', () => {
    const talk = confirming()
    const { instance } = talk

    talk.say('yes')
    assert.deepEqual(talk.audit[0], { kind: 'signed', instance, option: 'confirm' })

    const other = confirming()
    other.tap('cancel')
    assert.deepEqual(other.audit[0], { kind: 'signed', instance, option: 'cancel' })
  })

  it('refuses everything else and shows its buttons again', () => {
    const talk = confirming()

    assert.deepEqual(talk.say('maybe'), ['bad'])
    assert.equal(talk.replies[0]?.kind, 'buttons')
    assert.deepEqual(talk.tap('other'), ['bad'])
    assert.equal(talk.state.flow.validation.attempts, 2)
    assert.deepEqual(talk.audit, [])
  })

  it('may not write data, whatever a JavaScript caller returns', () => {
    assert.throws(
      () =>
        talkOf([
          defineFlow(
            { name: 'one', start: 'sure' },
            {
              sure: confirm({
                prompt: text('ask'),
                confirmed: goto('sure', { a: 'x' }) as never,
                cancelled: end(),
                invalid: text('bad')
              })
            }
          )
        ]),
      /one\.sure: confirm may not "write"/
    )
  })
})
