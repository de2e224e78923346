import assert from 'node:assert/strict'
import { accept, ask, defineFlow, end, goto, reject, text } from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const asking = () =>
  talkOf([
    defineFlow(
      { name: 'one', data: Data, start: 'first' },
      {
        first: ask({
          fields: ['a'],
          prompt: text('ask'),
          read: said => (said === 'no' ? reject(text('bad')) : accept({ a: said })),
          next: goto('second'),
          attempts: { most: 3, next: goto('second') }
        }),
        second: ask({
          fields: ['n'],
          prompt: text('more'),
          takes: ['location', 'media'],
          read: said => accept({ n: said.kind === 'location' ? said.latitude : 0 }),
          invalid: text('other'),
          next: view => (view.data.n === 0 ? goto('first') : end(text('done')))
        })
      }
    )
  ])

describe('ask', () => {
  it('is woken, not answered, by the message that finds nothing asked yet', () => {
    const talk = asking()

    assert.deepEqual(talk.say('hello'), ['ask'])
    assert.deepEqual(talk.state.flow.data, {})
  })

  it('reads trimmed text, writes its own field and goes on', () => {
    const talk = asking()
    talk.say('hello')

    assert.deepEqual(talk.say('  blue '), ['more'])
    assert.deepEqual(talk.state.flow.data, { a: 'blue' })
    assert.equal(talk.place, 'one.second')
  })

  it('keeps step, data and prompt when it refuses, counts the attempt and keeps the reason', () => {
    const talk = asking()
    talk.say('hello')
    const { instance } = talk
    talk.nowMs += 5

    assert.deepEqual(talk.say('no'), ['bad'])

    assert.equal(talk.instance, instance)
    assert.deepEqual(talk.state.flow.data, {})
    assert.deepEqual(talk.state.flow.validation, {
      inProgress: true,
      attempts: 1,
      lastAttempt: talk.nowMs,
      error: 'bad'
    })
  })

  it('refuses content that it does not take: by its own words, or that it reads only text', () => {
    const talk = asking()
    talk.say('hello')

    assert.deepEqual(talk.send({ kind: 'unsupported', what: 'poll' }), [
      'I can only read text here.'
    ])
    assert.equal(talk.state.flow.validation.attempts, 1)
    talk.say('blue')
    assert.deepEqual(talk.say('words'), ['other'])
    assert.equal(talk.state.flow.validation.attempts, 1)
  })

  it('takes decoded content of the kinds that it names', () => {
    const talk = asking()
    talk.say('hello')
    talk.say('blue')

    assert.deepEqual(talk.send({ kind: 'location', latitude: 7, longitude: 8 }), ['done', 'ask'])
  })

  it('decides what is next with the field already written', () => {
    const talk = asking()
    talk.say('hello')
    talk.say('blue')

    assert.deepEqual(talk.send({ kind: 'media', media: 'image', ref: 'r' }), ['ask'])
    assert.deepEqual(talk.state.flow.data, { a: 'blue', n: 0 })
  })

  it('leads to its declared step at the limit of refused inputs, without the refusal', () => {
    const talk = asking()
    talk.say('hello')

    assert.deepEqual(talk.say('no'), ['bad'])
    assert.deepEqual(talk.say('no'), ['bad'])
    assert.deepEqual(talk.say('no'), ['more'])
    assert.equal(talk.state.flow.validation.attempts, 0)
  })

  it('may neither write other fields than its own nor leave one of them out', () => {
    const flow = (accepted: object) =>
      defineFlow(
        { name: 'one', data: Data, start: 'first' },
        {
          first: ask({
            fields: ['a'],
            prompt: text('ask'),
            read: () => accept(accepted as { a: string }),
            next: end()
          })
        }
      )

    for (const [accepted, says] of [
      [{ a: 'x', b: 'y' }, /one\.first: field "b" is not one of its fields/],
      [{}, /one\.first: field "a" was not read/],
      [{ a: 5 }, /one\.first: field "a" does not fit its codec/]
    ] as const) {
      const talk = talkOf([flow(accepted)])
      talk.say('hello')
      assert.throws(() => talk.say('x'), says)
    }
  })

  it('throws when read gives neither a value nor a refusal', () => {
    const talk = talkOf([
      defineFlow(
        { name: 'one', data: Data, start: 'first' },
        {
          first: ask({ fields: ['a'], prompt: text('ask'), read: () => 5 as never, next: end() })
        }
      )
    ])
    talk.say('hello')

    assert.throws(() => talk.say('x'), /read must return accept\(\.\.\.\) or reject\(\.\.\.\)/)
  })
})
