import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  call,
  confirm,
  defineBot,
  defineFlow,
  end,
  enter,
  goto,
  refuse,
  rest,
  text
} from '../../../lib/flow/index.ts'
import { failureOf } from '../../../lib/kernel/failure.ts'
import {
  asking,
  type BadBot,
  en,
  findingsOf,
  menu,
  type Plain,
  refuses,
  said,
  send,
  sending,
  sure
} from './bad-bots.ts'

const bad: readonly BadBot[] = [
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
    'form.a: stage CREDIT may not move to MENU (flow "menu")',
    () =>
      findingsOf(
        { a: enter({ flow: menu, returned: goto('a') }) },
        { stages: { MENU: ['CREDIT'] } },
        { stage: 'CREDIT' }
      )
  ],
  [
    'stage',
    'form.a: it ends, and stage CREDIT may not move to MENU (flow "menu")',
    () => findingsOf({ a: end() }, { stages: { MENU: ['CREDIT'] } }, { stage: 'CREDIT' })
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
    () => findingsOf({ a: end() }, { session: { idleSeconds: Infinity, notice: 'bad' } })
  ],
  [
    'session',
    '.: session.idleSeconds is not a number above 0',
    () => findingsOf({ a: end() }, { session: { idleSeconds: 0, notice: 'bad' } })
  ]
]

describe('checkBot', () => {
  refuses(bad)

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
