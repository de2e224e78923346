import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  attempt,
  type BotSpec,
  branch,
  type Core,
  call,
  checkBot,
  choose,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  type End,
  end,
  enter,
  type Finding,
  type FindingKind,
  type Flow,
  type Goto,
  goto,
  refuse,
  rest,
  say,
  type Text,
  text
} from '../../../lib/flow/index.ts'
import { failureOf } from '../../../lib/kernel/failure.ts'

type Plain = Core<never, never>

const en = { ask: 'Ask?', bad: 'Bad.', menu: 'Menu', sum: 'It is {sum}.', X: 'X' }
const options = [{ id: 'x', label: 'X' }] as const
const Data = t.partial({ a: t.string })
const asking = (
  prompt: Text | (() => Text),
  next: End | Goto = end(),
  fields: readonly string[] = ['a']
): unknown => ({ kind: 'ask', spec: { fields, prompt, read: (a: string) => accept({ a }), next } })
const sure = { prompt: text('ask'), confirmed: end(), cancelled: end(), invalid: text('bad') }
const send = defineCall({
  name: 'send',
  effect: true,
  input: t.strict({}),
  outcomes: { done: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})
const sending = { call: send, input: () => ({}), unreachable: end() }

const menu = defineFlow(
  { name: 'menu', start: 'pick' },
  {
    pick: choose({
      prompt: text('menu'),
      options,
      next: () => goto({ flow: 'form' }),
      invalid: text('bad')
    })
  }
)

/** What is wrong with a bot that has this flow, named form, beside a menu. */
function findingsOf(
  steps: Readonly<Record<string, unknown>>,
  more: Partial<BotSpec<Plain>> = {},
  head: object = {}
): readonly Finding[] {
  const start = Object.keys(steps)[0] ?? 'none'
  const form = defineFlow({ name: 'form', data: Data, start, ...head }, steps as never)
  const flows = [menu, form] as readonly Flow<Plain>[]
  return checkBot<Plain>({ name: 'bad', flows, start: 'menu', texts: { en }, ...more })
}

const said = (findings: readonly Finding[], kind: FindingKind): readonly string[] =>
  findings
    .filter(finding => finding.kind === kind)
    .map(({ flow, step, says }) => `${flow ?? ''}.${step ?? ''}: ${says}`)

/** One small bad bot per line: kind, what is said of which flow and step, its steps and settings. */
const bad: readonly (readonly [FindingKind, string, () => readonly Finding[]])[] = [
  [
    'step',
    'form.a: there is no component "wait"',
    () => findingsOf({ a: { kind: 'wait', spec: {} } })
  ],
  ['step', 'form.a: ask needs "prompt"', () => findingsOf({ a: asking(undefined as never) })],
  [
    'step',
    `form.a: the flow's data has no field "b"`,
    () => findingsOf({ a: asking(text('ask'), end(), ['b']) })
  ],
  [
    'outcome',
    'form.a: nothing follows the outcome "done" of "send"',
    () => findingsOf({ a: call({ ...sending, outcomes: {} as never }) })
  ],
  [
    'outcome',
    'form.a: call "send" declares no outcome "other"',
    () => findingsOf({ a: call({ ...sending, outcomes: { done: end(), other: end() } as never }) })
  ],
  [
    'outcome',
    'form.a: nothing follows "next"',
    () => findingsOf({ a: rest({ next: [] as never }) })
  ],
  [
    'outcome',
    'form.a: a dead end: nothing follows it',
    () => findingsOf({ a: branch({ on: () => 'x' as never, to: {} }) })
  ],
  [
    'outcome',
    'form.a: nothing follows the option "x"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options,
          next: { y: end() } as never,
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: there is no option "y"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options,
          next: { x: end(), y: end() },
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: two options are named "x"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options: [...options, ...options],
          next: { x: end() },
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: it offers nothing',
    () =>
      findingsOf({
        a: choose({ prompt: text('ask'), options: [], next: () => end(), invalid: text('bad') })
      })
  ],
  [
    'target',
    'form.a: there is no step "b" in this flow',
    () => findingsOf({ a: rest({ next: () => goto('b' as never) }) })
  ],
  [
    'target',
    'form.a: there is no flow "gone"',
    () => findingsOf({ a: rest({ next: goto({ flow: 'gone' }) }) })
  ],
  [
    'target',
    'form.a: "b" takes no input to go back to',
    () =>
      findingsOf({
        a: call({ ...sending, outcomes: { done: refuse('b', text('bad')) } }),
        b: end()
      })
  ],
  [
    'right',
    'form.a: rest may not "refuse"',
    () => findingsOf({ a: rest({ next: refuse('a', text('bad')) as never }) })
  ],
  [
    'unreachable',
    'form.b: no step leads here',
    () => findingsOf({ a: rest({ next: goto('a') }), b: end() })
  ],
  [
    'loop',
    'form.b: comes back to itself without asking anything',
    () =>
      findingsOf({
        a: rest({ next: goto('b') }),
        b: say({ text: text('ask'), next: goto('c') }),
        c: branch({ on: () => 'x', to: { x: goto('b'), y: end() } as never })
      })
  ],
  [
    'loop',
    'form.a: comes back to itself without asking anything',
    () =>
      findingsOf(
        { a: goto({ flow: 'other' }) },
        {
          flows: [
            menu,
            defineFlow({ name: 'form', start: 'a' }, { a: goto({ flow: 'other' }) }),
            defineFlow({ name: 'other', start: 'b' }, { b: goto({ flow: 'form' }) })
          ]
        }
      )
  ],
  [
    'signature',
    'form.a: "b" is no confirm of this flow',
    () => findingsOf({ a: call({ ...sending, signedBy: 'b', outcomes: { done: end() } }) })
  ],
  [
    'signature',
    'form.a: its no leads to the signed call "b"',
    () =>
      findingsOf({
        a: confirm({ ...sure, confirmed: goto('b'), cancelled: goto('b') }),
        b: call({ ...sending, signedBy: 'a', outcomes: { done: end() } })
      })
  ],
  [
    'text',
    'form.a: the text "gone" is missing in en',
    () => findingsOf({ a: asking(text('gone')) })
  ],
  [
    'text',
    'form.a: the text "gone" is missing in en',
    () => findingsOf({ a: asking(() => text('gone', { a: 1 })) })
  ],
  ['text', 'form.a: "sum" in en needs "sum"', () => findingsOf({ a: asking(text('sum')) })],
  [
    'text',
    '.: the text "X" is in en but missing in fr',
    () => findingsOf({ a: end() }, { texts: { en, fr: { ...en, X: undefined as never } } })
  ],
  [
    'text',
    '.: the text "sum" has other placeholders in fr than in en',
    () => findingsOf({ a: end() }, { texts: { en, fr: { ...en, sum: 'Fait {total}.' } } })
  ],
  [
    'text',
    '.: the bot itself names the text "bot.reset", which is missing in fr',
    () => findingsOf({ a: end() }, { texts: { en, fr: en } })
  ],
  [
    'text',
    '.: says.reset names the text "gone", which is missing in en',
    () => findingsOf({ a: end() }, { says: { reset: 'gone' } })
  ],
  [
    'text',
    '.: session.notice: "sum" in en needs "sum"',
    () => findingsOf({ a: end() }, { session: { idleSeconds: 1, notice: 'sum' } })
  ],
  [
    'word',
    'form.a: the answer "no" is a word of command "stop"',
    () => findingsOf({ a: confirm(sure) }, { commands: { stop: { words: [' NO '], do: 'menu' } } })
  ],
  [
    'word',
    '.: the word "HI" belongs to "one" and to "two"',
    () =>
      findingsOf(
        { a: end() },
        { commands: { one: { words: ['hi'], do: 'menu' }, two: { words: ['HI'], do: 'menu' } } }
      )
  ],
  [
    'word',
    '.: command "one" has an empty word',
    () => findingsOf({ a: end() }, { commands: { one: { words: ['  '], do: 'menu' } } })
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
  ],
  [
    'stage',
    'form.: stage CREDIT is not in the graph',
    () => findingsOf({ a: end() }, { stages: { MENU: [] } }, { stage: 'CREDIT' })
  ],
  [
    'flow',
    'form.: it starts at "zz", which is missing',
    () => findingsOf({ a: end() }, {}, { start: 'zz' })
  ],
  [
    'flow',
    'form.: its data codec refuses to begin with nothing: use t.partial',
    () => findingsOf({ a: end() }, {}, { data: t.strict({ a: t.string }) })
  ],
  [
    'flow',
    'form.: its version is not a whole number above 0',
    () => findingsOf({ a: end() }, {}, { version: 1.5 })
  ],
  [
    'flow',
    '.: registration names the flow "gone", which is missing',
    () => findingsOf({ a: end() }, { registration: 'gone' })
  ],
  [
    'flow',
    '.: command "home" names the flow "gone", which is missing',
    () => findingsOf({ a: end() }, { commands: { home: { words: ['home'], do: 'gone' } } })
  ],
  ['flow', '.: two flows are named "menu"', () => findingsOf({ a: end() }, {}, { name: 'menu' })],
  [
    'flow',
    'form.a: it enters the flow "other", which is missing',
    () =>
      findingsOf({
        a: enter({
          flow: defineFlow({ name: 'other', start: 'a' }, { a: end() }),
          returned: end()
        })
      })
  ],
  [
    'call',
    'form.b: two calls are named "send"',
    () =>
      findingsOf({
        a: call({ ...sending, outcomes: { done: goto('b') } }),
        b: call({ ...sending, call: { ...send }, outcomes: { done: end() } })
      })
  ],
  [
    'call',
    '.: relogin names the call "login", which no step makes',
    () =>
      findingsOf({ a: end() }, { relogin: { call: 'login', input: () => ({}), token: () => null } })
  ],
  [
    'session',
    '.: session.idleSeconds is not a number above 0',
    () => findingsOf({ a: end() }, { session: { idleSeconds: 0, notice: 'bad' } })
  ]
]

describe('checkBot', () => {
  for (const [kind, says, made] of bad)
    it(`finds (${kind}) ${says}`, () => {
      assert.ok(said(made(), kind).includes(says), said(made(), kind).join('\n') || 'nothing')
    })

  it('finds nothing wrong with a bot that is right', () => {
    const findings = findingsOf({
      a: asking(text('ask'), goto('b')),
      b: confirm({ ...sure, confirmed: goto('c') }),
      c: call({ ...sending, signedBy: 'b', outcomes: { done: refuse('a', text('bad')) } })
    })

    assert.deepEqual(findings, [])
  })

  it('concludes nothing from a function whose moves it cannot see', () => {
    const elsewhere = (): ReturnType<typeof goto<'b'>> => goto('b')

    assert.deepEqual(findingsOf({ a: rest({ next: () => elsewhere() }), b: end() }), [])
  })

  it('names a spec of quite another shape instead of throwing', () => {
    const findings = findingsOf({ a: { kind: 'call', spec: { ...sending, outcomes: 5, call: 5 } } })

    assert.match(said(findings, 'step')[0] ?? '', /^form\.a: it is not understood: TypeError/)
  })

  it('stops a bot from being defined, with every finding', () => {
    assert.throws(
      () =>
        defineBot<Plain>({
          name: 'bad',
          flows: [menu],
          start: 'gone',
          texts: { en: { menu: 'Menu' } }
        }),
      error => {
        const failure = failureOf(error)
        assert.equal(failure?.code, 'CHP_BOT_INVALID')
        assert.match(failure?.detail ?? '', /Bot "bad": start names the flow "gone"/)
        assert.match(failure?.detail ?? '', /menu\.pick: there is no flow "form"/)
        return true
      }
    )
  })
})
