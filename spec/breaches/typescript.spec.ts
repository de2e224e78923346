import assert from 'node:assert/strict'
import { DocSources } from '../support/doc-sources.ts'
import type { CodeBlock } from '../support/markdown.ts'

const GIVEN = `import * as t from 'io-ts'
import {
  accept, ask, attempt, call, choose, confirm, type ConversationHandle, coreOf, defineCall,
  defineFlow, end, goto, say, text
} from 'chaperone'
const Core = coreOf({ member: t.strict({ id: t.string }), cache: t.strict({ balance: t.string }) })
const Data = t.partial({ amount: t.string, note: t.string })
const head = { core: Core, data: Data, name: 'pay', start: 'amount' } as const
const x = text('x')
const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.strict({ amount: t.string }),
  outcomes: { done: t.strict({}), poor: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})
const sure = { prompt: x, confirmed: goto('pay'), cancelled: end(), invalid: x } as const
const paying = {
  call: pay,
  signedBy: 'sure',
  input: ({ data }: { data: { amount?: string } }) => ({ amount: data.amount ?? '' }),
  unreachable: end()
} as const
declare const chat: ConversationHandle`

const asked = (read: string, more = 'next: end()'): string =>
  `defineFlow(head, { amount: ask({ fields: ['amount'], prompt: x, read: ${read}, ${more} }) })`
const chosen = (next: string): string =>
  `defineFlow(head, {
     amount: choose({ prompt: x, options: [{ id: 'x', label: x }], invalid: x, next: ${next} })
   })`
const called = (outcomes: string): string =>
  `defineFlow(head, {
     amount: confirm(sure), sure: confirm(sure), pay: call({ ...paying, outcomes: ${outcomes} })
   })`

/** What the seeds warn of, what it would look like here, and what the compiler says to it. */
const breaches: readonly (readonly [string, string, RegExp])[] = [
  [
    'the state itself is asked for in a step',
    asked('(said, view) => accept({ amount: String(view.record) + said })'),
    /'record' does not exist/
  ],
  [
    'the token is read outside a call',
    asked('(said, view) => accept({ amount: String(view.core.token) + said })'),
    /'token' does not exist/
  ],
  [
    'a store is asked for in a step',
    asked("(said, view) => accept({ amount: view.redis.get('key') })"),
    /'redis' does not exist/
  ],
  [
    'state is updated from outside',
    'void chat.update({ test: "data" })',
    /'update' does not exist/
  ],
  ['state is read from outside', 'void chat.state', /'state' does not exist/],
  [
    'data is written without being validated',
    asked('(said, view) => { view.data.amount = said; return accept({ amount: said }) }'),
    /read-only/
  ],
  [
    'the core is written without an accessor',
    asked("(said, view) => { view.core.account = 'mine'; return accept({ amount: said }) }"),
    /read-only/
  ],
  [
    'data of the wrong kind is accepted',
    asked('() => accept({ amount: 5 })'),
    /amount: number; }>' is not assignable/
  ],
  [
    'a display writes data',
    "defineFlow(head, { amount: say({ text: x, next: goto('amount', { note: 'x' }) }) })",
    /not assignable/
  ],
  [
    'a confirmation writes data',
    "defineFlow(head, { amount: confirm({ ...sure, confirmed: goto('amount', { note: 'x' }) }) })",
    /No overload matches/
  ],
  [
    'an input signs somebody in',
    chosen("(_, { core }) => [core.signIn({ token: 't', member: { id: 'a' } }), end()]"),
    /'signIn' does not exist/
  ],
  ['a step moves where there is none', chosen("{ x: goto('nowhere') }"), /"?nowhere"?/],
  [
    'an outcome is left without a move (B26)',
    called('{ done: end() }'),
    /'\{ done: End; \}' is not assignable to type 'Outcomes/
  ],
  [
    'a token of nothing is set',
    called('{ done: (_, { core }) => [core.refreshToken(null), end()], poor: end() }'),
    /'null' is not assignable/
  ],
  [
    'an error is handled by hand in place of a failure',
    `defineCall({
       name: 'c', effect: false, input: t.strict({}), outcomes: { done: t.strict({}) },
       run: async () => { try { return { outcome: 'done', output: {} } } catch { return null } }
     })`,
    /not assignable/
  ],
  [
    'a call is made with input outside its codec',
    called('{ done: end(), poor: end() }').replace(
      '...paying',
      '...paying, input: () => ({ amount: 5 })'
    ),
    /'number' is not assignable to type 'string'/
  ]
]

const sound = [
  asked('said => accept({ amount: said })'),
  chosen('{ x: end() }'),
  called('{ done: end(), poor: end() }')
]

function blockOf(name: string, code: string): CodeBlock {
  const given = { line: 1, code: GIVEN }
  return { page: name, line: 60, language: 'ts', marks: [], code, given }
}

describe('a breach in TypeScript does not compile', function () {
  this.timeout(60_000)
  let problems: readonly string[] = []
  before(() => {
    const bad = breaches.map(([, code], index) => blockOf(`breach-${index}`, code))
    const good = sound.map((code, index) => blockOf(`sound-${index}`, code))
    problems = new DocSources('breaches', [...bad, ...good]).problems()
  })

  it('while what they are breaches of does', () => {
    assert.deepEqual(
      problems.filter(problem => !problem.startsWith('breach-')),
      []
    )
  })

  for (const [index, [what, , said]] of breaches.entries())
    it(`when ${what}`, () => {
      const own = problems.filter(problem => problem.startsWith(`breach-${index}(`))
      assert.ok(
        own.some(problem => said.test(problem)),
        own.join('\n') || 'it compiles'
      )
    })
})
