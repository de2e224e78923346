import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  branch,
  call,
  choose,
  defineCall,
  defineFlow,
  end,
  goto,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

const options = [{ id: 'x', label: 'X' }] as const
const pick = (next: unknown) =>
  choose({ prompt: text('menu'), options, next: next as never, invalid: text('bad') })

const flowOf = (name: string, stage: string, next: unknown) =>
  defineFlow({ name, data: Data, stage, start: 'pick' }, { pick: pick(next) })

describe('what a step returns', () => {
  it('must end in a move', () => {
    const talk = talkOf([flowOf('one', 'MENU', () => [])])
    talk.say('hello')

    assert.throws(() => talk.tap('x'), /one\.pick: nothing says where to go/)
  })

  it('may not go in circles without asking (B25)', () => {
    // Seen by the check where it is written out; hidden in a function it is stopped while it runs.
    const hop = (to: 'a' | 'b') => goto(to)
    const talk = talkOf([
      defineFlow(
        { name: 'one', data: Data, start: 'pick' },
        {
          pick: pick(() => hop('a')),
          a: branch({
            on: () => {
              entered += 1
              return 'on'
            },
            to: { on: { ...hop('b') } }
          }),
          b: branch({
            on: () => 'on',
            get to() {
              return { on: circling ? goto('a') : goto('pick') }
            }
          })
        }
      )
    ])
    talk.say('hello')
    circling = true

    assert.throws(() => talk.tap('x'), /over 32 moves without asking/)
    assert.equal(entered, 16)
  })
})

let circling = false
let entered = 0

describe('a step function', () => {
  it('cannot write to what it looks at, though the record comes fresh from a store (B3)', () => {
    for (const write of ['data', 'core', 'view'] as const) {
      const talk = talkOf([
        defineFlow(
          { name: 'one', data: Data, start: 'pick' },
          {
            pick: pick((_: string, { view }: { readonly view: Record<string, unknown> }) => {
              const target = write === 'view' ? view : (view[write] as Record<string, unknown>)
              target['locale'] = 'stolen'
              return end()
            })
          }
        )
      ])
      talk.say('hello')
      talk.state = JSON.parse(JSON.stringify(talk.state)) as typeof talk.state

      assert.throws(() => talk.tap('x'), TypeError)
    }
  })

  it('is not shown the token', () => {
    const seen: string[] = []
    const talk = talkOf([
      defineFlow(
        { name: 'one', data: Data, start: 'pick' },
        {
          pick: pick((_: string, { view }: { readonly view: { readonly core: object } }) => {
            seen.push(...Object.keys(view.core))
            return end()
          })
        }
      )
    ])
    talk.say('hello')
    talk.tap('x')

    assert.deepEqual(seen.sort(), ['account', 'cache', 'channel', 'locale', 'member'])
  })
})

describe('the stages', () => {
  const stages = { MENU: ['CREDIT'], CREDIT: ['MENU'], OTHER: ['MENU'] }
  const three = (next: unknown) => [
    flowOf('menu', 'MENU', (option: string) => (option === 'x' ? goto({ flow: 'credit' }) : end())),
    flowOf('credit', 'CREDIT', next),
    flowOf('other', 'OTHER', () => end())
  ]

  it('let a flow move where the graph says', () => {
    const talk = talkOf(
      three(() => end()),
      { stages }
    )
    talk.say('hello')

    assert.deepEqual(talk.tap('x'), ['menu'])
    assert.equal(talk.program.place(talk.state).stage, 'CREDIT')
  })

  it('refuse another move by name: the apology and the menu instead (B7)', () => {
    const hidden = { flow: 'other' }
    const talk = talkOf(
      three(() => goto(hidden)),
      { stages }
    )
    talk.say('hello')
    talk.tap('x')

    assert.deepEqual(talk.tap('x'), ['Sorry, something went wrong. Back to the start.', 'menu'])
    assert.equal(talk.place, 'menu.pick')
    assert.deepEqual(talk.audit[0], { kind: 'refusedMove', from: 'CREDIT', to: 'OTHER' })
  })

  it('reach each other through the menu when no graph is declared', () => {
    const talk = talkOf(three(() => goto({ flow: 'menu' })))
    talk.say('hello')
    talk.tap('x')

    assert.deepEqual(talk.tap('x'), ['menu'])
    const refused = talkOf(three(() => goto({ flow: `${'oth'}er` })))
    refused.say('hello')
    refused.tap('x')
    refused.tap('x')
    assert.deepEqual(refused.audit[0], { kind: 'refusedMove', from: 'CREDIT', to: 'OTHER' })
  })
})

describe('the core', () => {
  it('is never committed outside its codec', () => {
    const read = defineCall({
      name: 'read',
      effect: false,
      input: t.strict({}),
      outcomes: { done: t.strict({}) },
      run: () => attempt(async () => ({ outcome: 'done', output: {} }))
    })
    const talk = talkOf([
      defineFlow(
        { name: 'one', start: 'read' },
        {
          read: call({
            call: read,
            input: () => ({}),
            outcomes: { done: (_, { core }) => [core.remember('x' as never), goto('pick')] },
            unreachable: goto('pick')
          }),
          pick: pick(() => end())
        }
      )
    ])
    talk.say('hello')

    assert.throws(() => talk.answer('done'), /core: what was written at one\.pick does not fit/)
  })
})
