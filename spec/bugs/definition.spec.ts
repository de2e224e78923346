import * as t from 'io-ts'
import {
  attempt,
  call,
  confirm,
  defineCall,
  end,
  goto,
  rest,
  say,
  text
} from '../../lib/flow/index.ts'
import { findingsOf, refuses, sending, sure } from '../flow/check/bad-bots.ts'

const two = defineCall({
  name: 'two',
  effect: true,
  input: t.strict({}),
  outcomes: { done: t.strict({}), poor: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})

describe('B7: a bot with a stage or a move that the graph does not know', () => {
  refuses([
    [
      'stage',
      'form.: stage ACTION_CREDEX is not in the graph',
      () => findingsOf({ a: end() }, { stages: { MENU: [] } }, { stage: 'ACTION_CREDEX' })
    ],
    [
      'stage',
      'form.a: stage CREDIT may not move to MENU (flow "menu")',
      () =>
        findingsOf(
          { a: rest({ next: goto({ flow: 'menu' }) }) },
          { stages: { MENU: ['CREDIT'] } },
          { stage: 'CREDIT' }
        )
    ]
  ])
})

describe('B16: a bot whose way home is a word that answers', () => {
  refuses(
    ['yes', 'n', '0'].map(word => [
      'word',
      `form.a: the answer "${word}" is a word of command "home"`,
      () => findingsOf({ a: confirm(sure) }, { commands: { home: { words: [word], do: 'menu' } } })
    ])
  )
})

describe('B25: a bot that goes round without asking', () => {
  refuses([
    [
      'loop',
      'form.a: comes back to itself without asking anything',
      () => findingsOf({ a: say({ text: text('X'), next: goto('b') }), b: goto('a') })
    ]
  ])
})

describe('B26: a bot with an outcome that nothing follows', () => {
  refuses([
    [
      'outcome',
      'form.b: nothing follows the outcome "poor" of "two"',
      () =>
        findingsOf({
          a: confirm({ ...sure, confirmed: goto('b') }),
          b: call({ ...sending, call: two, signedBy: 'a', outcomes: { done: end() } } as never)
        })
    ],
    [
      'target',
      'form.a: there is no step "gone" in this flow',
      () => findingsOf({ a: goto('gone') })
    ]
  ])
})
