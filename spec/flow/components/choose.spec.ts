import assert from 'node:assert/strict'
import {
  accept,
  ask,
  choose,
  defineFlow,
  end,
  goto,
  type Option,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const choosing = () =>
  talkOf([
    defineFlow(
      { name: 'one', data: Data, start: 'pick' },
      {
        pick: choose({
          prompt: text('menu'),
          options: view => [
            { id: 'red', label: text('label') },
            ...(view.data.a === undefined ? [{ id: 'blue', label: 'Blue' } as const] : [])
          ],
          field: 'a',
          words: { r: 'red', b: 'blue' },
          next: { red: goto('more'), blue: goto('more') },
          invalid: text('bad')
        }),
        more: ask({
          fields: ['b'],
          prompt: text('more'),
          read: said => accept({ b: said }),
          next: goto('pick')
        })
      }
    )
  ])

const shown = (options: readonly Option[], as?: 'buttons' | 'list') => {
  const talk = talkOf([
    defineFlow(
      { name: 'one', start: 'pick' },
      {
        pick: choose({
          prompt: text('menu'),
          options,
          ...(as === undefined ? {} : { as }),
          header: text('label'),
          footer: () => text('over'),
          next: () => end(),
          invalid: text('bad')
        })
      }
    )
  ])
  talk.say('hello')
  return talk.replies[0]
}

describe('choose', () => {
  it('takes a tap on an option of the open prompt and writes its field', () => {
    const talk = choosing()
    talk.say('hello')

    assert.deepEqual(talk.tap('blue'), ['more'])
    assert.deepEqual(talk.state.flow.data, { a: 'blue' })
  })

  it('answers a tap on another prompt with a notice, the open options in the same message', () => {
    const talk = choosing()
    talk.say('hello')
    const { instance } = talk

    assert.deepEqual(talk.tap('blue', 'e.0.0.old'), ['That choice is no longer open.'])

    assert.equal(talk.instance, instance)
    assert.equal(talk.state.flow.validation.attempts, 0)
    assert.deepEqual(talk.replies, [
      {
        kind: 'buttons',
        text: 'That choice is no longer open.',
        instance,
        options: [
          { id: 'red', label: 'label' },
          { id: 'blue', label: 'Blue' }
        ]
      }
    ])
  })

  it('refuses an option that the open prompt does not offer as invalid input', () => {
    const talk = choosing()
    talk.say('hello')

    assert.deepEqual(talk.tap('green'), ['bad'])
    assert.equal(talk.state.flow.validation.attempts, 1)
    assert.equal(talk.replies[0]?.kind, 'buttons')
  })

  it('takes typed words only where it declares them, and only for offered options', () => {
    const talk = choosing()
    talk.say('hello')

    assert.deepEqual(talk.say('blue'), ['bad'])
    assert.deepEqual(talk.say(' R '), ['more'])
    talk.say('x')
    assert.deepEqual(talk.say('b'), ['bad'])
  })

  it('says that it reads only text, and what to do, to content that nobody can tap with', () => {
    const talk = choosing()
    talk.say('hello')

    assert.deepEqual(talk.send({ kind: 'unsupported', what: 'image' }), [
      'I can only read text here.\nbad'
    ])
  })

  it('opens a new prompt when the options have changed, the attempts going on', () => {
    const talk = choosing()
    talk.say('hello')
    talk.say('?')
    const { instance } = talk
    talk.state = {
      ...talk.state,
      flow: { ...talk.state.flow, data: { a: 'red' } }
    }

    talk.say('?')

    assert.notEqual(talk.instance, instance)
    assert.deepEqual(talk.state.flow.prompt?.options, ['red'])
    assert.equal(talk.state.flow.validation.attempts, 2)
  })

  it('shows up to three short options as buttons, else a list', () => {
    const named = (count: number, label: string): readonly Option[] =>
      Array.from({ length: count }, (_, index) => ({ id: `${index}`, label: `${label}${index}` }))

    assert.equal(shown(named(3, 'a'))?.kind, 'buttons')
    assert.equal(shown(named(4, 'a'))?.kind, 'list')
    assert.equal(shown(named(2, 'a label of twenty-one '))?.kind, 'list')
    assert.equal(shown([{ id: 'x', label: 'x', description: 'd' }])?.kind, 'list')
    assert.equal(shown(named(2, 'a'), 'list')?.kind, 'list')
    assert.equal(shown(named(4, 'a'), 'buttons')?.kind, 'buttons')
  })

  it('groups neighbours of one section, with header, footer and descriptions', () => {
    const reply = shown([
      { id: 'a', label: 'A', section: 'One' },
      { id: 'b', label: 'B', section: 'One', description: text('done') },
      { id: 'c', label: 'C', section: text('more') },
      { id: 'd', label: 'D' }
    ])

    assert.deepEqual(reply, {
      kind: 'list',
      text: 'menu',
      instance: 'e.1.0.n1',
      button: 'Options',
      header: 'label',
      footer: 'over',
      sections: [
        {
          title: 'One',
          options: [
            { id: 'a', label: 'A' },
            { id: 'b', label: 'B', description: 'done' }
          ]
        },
        { title: 'more', options: [{ id: 'c', label: 'C' }] },
        { title: 'Options', options: [{ id: 'd', label: 'D' }] }
      ]
    })
  })

  it('may choose the account and the locale, and nothing else of the core', () => {
    const flow = (act: string) =>
      defineFlow(
        { name: 'one', start: 'pick' },
        {
          pick: choose({
            prompt: text('menu'),
            options: [{ id: 'x', label: 'X' }],
            next: (_, { core }) => [
              act === 'account'
                ? core.chooseAccount('acc-1')
                : act === 'locale'
                  ? core.useLocale('fr')
                  : ({ kind: 'core', act, value: { token: 'stolen' } } as never),
              end()
            ],
            invalid: text('bad')
          })
        }
      )
    const tapped = (act: string) => {
      const talk = talkOf([flow(act)])
      talk.say('hello')
      talk.tap('x')
      return talk.state.core
    }

    assert.equal(tapped('account').account, 'acc-1')
    assert.equal(tapped('locale').locale, 'fr')
    for (const act of ['signIn', 'refreshToken', 'signOut', 'remember', 'changeMember', 'nonsense'])
      assert.throws(() => tapped(act), new RegExp(`one\\.pick: this step may not "${act}"`))
  })
})
