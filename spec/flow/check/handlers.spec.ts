import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import * as t from 'io-ts'
import ts from 'typescript'
import * as flowDoor from '../../../lib/flow/index.ts'
import { accept, type Finding, goto, text } from '../../../lib/flow/index.ts'
import * as secretDoor from '../../../lib/kernel/secret.ts'
import { asking, findingsOf, send } from './bad-bots.ts'
import { looking, moving, reading } from './valid-handlers.ts'

// Written as text, since compilers drop comments and rewrite strings.
const made = (code: string): unknown => runInThisContext(`(${code}\n)`)
const data = t.partial({ a: t.string, n: t.string })

function moved(code: string): readonly Finding[] {
  const mid = { kind: 'rest', spec: { next: made(code) } }
  const [b, c] = [asking(text('ask')), asking(text('ask'))]
  return findingsOf({ a: asking(text('ask'), goto('mid')), mid, b, c }, {}, { data })
}

/** A step with the function in one place of it; on the way to it, if any, a is written. */
function read(where: string, code: string): readonly Finding[] {
  const run = made(code)
  const call = { kind: 'call', spec: { call: send, input: () => ({}), unreachable: goto('b') } }
  const outcomes = { done: goto('b') }
  const places: Readonly<Record<string, unknown>> = {
    prompt: asking(run as never, goto('b')),
    read: { kind: 'ask', spec: { fields: [], prompt: text('ask'), read: run, next: goto('b') } },
    input: { ...call, spec: { ...call.spec, input: run, outcomes } },
    done: { ...call, spec: { ...call.spec, outcomes: { done: run } } },
    unreachable: { ...call, spec: { ...call.spec, outcomes, unreachable: run } },
    chosen: { kind: 'choose', spec: { ...choosing, next: run } }
  }
  return findingsOf({ a: places[where], b: asking(text('ask')) }, {}, { data })
}

const choosing = {
  prompt: text('ask'),
  options: [{ id: 'x', label: 'X' }],
  invalid: text('bad')
}

function looked(code: string): readonly Finding[] {
  const on = { kind: 'branch', spec: { on: () => 'by', to: { by: goto('a'), past: goto('b') } } }
  const a = { kind: 'ask', spec: { ...asked, next: goto('b') } }
  return findingsOf(
    {
      on,
      a,
      b: { kind: 'say', spec: { text: made(code), next: goto('c') } },
      c: asking(text('ask'))
    },
    {},
    { data }
  )
}

const asked = { fields: ['a'], prompt: text('ask'), read: (a: string) => accept({ a }) }

describe('a bot is not refused for', () => {
  for (const [what, code] of Object.entries(moving))
    it(`moves by ${what}`, () => assert.deepEqual(moved(code), []))

  for (const [what, where, code] of reading)
    it(`what is called data in ${what}`, () => assert.deepEqual(read(where, code), []))

  for (const [what, code] of Object.entries(looking))
    it(`a field that may be missing, with ${what}`, () => assert.deepEqual(looked(code), []))

  for (const target of ['ES2022', 'ES2015'] as const)
    it(`what a compiler makes of its module for ${target} and CommonJS`, () => {
      const module = ts.ModuleKind.CommonJS
      const compilerOptions = { target: ts.ScriptTarget[target], module }
      const source = readFileSync('spec/flow/small-bot.ts', 'utf8')
      const { outputText } = ts.transpileModule(source, { compilerOptions })
      assert.match(outputText, /index_ts_1\.goto\)\(['"]/)
      const require = createRequire(import.meta.url)
      const found = (name: string): unknown => {
        if (name.endsWith('flow/index.ts')) return flowDoor
        return name.endsWith('secret.ts') ? secretDoor : require(name)
      }
      const exports: { smallBot?: flowDoor.Bot } = {}
      runInThisContext(`(exports, require) => {${outputText}\n}`)(exports, found)
      assert.equal(exports.smallBot?.name, 'small')
    })
})

/** What a handler does wrong, where it stands, and what is found. */
const bad: readonly (readonly [where: string, code: string, found: RegExp])[] = [
  ['move', `v => (v.data.a ? goto('b') : goto('gone'))`, /"gone"/],
  ['move', `function (v) { return v.data.a ? goto("b") : goto("gone") }`, /"gone"/],
  ['move', `({ next() { return goto('gone') } }).next`, /"gone"/],
  ['move', `v => [say(text('ask')), (0, flow_1.goto)("gone")]`, /"gone"/],
  ['move', `v => { if (v.data.a) return toC(v)\n return goto('gone') }`, /"gone"/],
  ['move', `v => end(text('nokey'))`, /the text "nokey" is missing/],
  ['move', `v => goto('b')`, /no step leads here/],
  [
    'move',
    `v => { if (v.data.a) return goto('b')\n return [say(text('ask')), goto('b')] }`,
    /no step leads here/
  ],
  ['prompt', `({ data }) => text('sum', { sum: data.n })`, /reads "n"/],
  ['prompt', `view => text('sum', { sum: view.data.n ?? '' })`, /reads "n"/],
  ['prompt', `v => text('sum', { sum: v.data.n })`, /reads "n"/],
  ['prompt', `e=>text("sum",{sum:e.data.n})`, /reads "n"/],
  ['prompt', `({ data: d }) => text('sum', { sum: d.n })`, /reads "n"/],
  ['prompt', `({ data: { n } }) => text('sum', { sum: n })`, /reads "n"/],
  ['prompt', `({ data: { n: m = '' } = {} }) => text('sum', { sum: m })`, /reads "n"/],
  ['prompt', `v => { const { n } = v.data; return text('sum', { sum: n }) }`, /reads "n"/],
  ['prompt', `v => { const d = v.data, x = 1; return text('sum', { sum: d.n }) }`, /reads "n"/],
  [
    'prompt',
    `function (_a) { var data = _a.data; return text('sum', { sum: data.n }) }`,
    /reads "n"/
  ],
  ['prompt', `({ prompt({ data }) { return text('sum', { sum: data.n }) } }).prompt`, /reads "n"/],
  ['prompt', '({ data }) => text(`a ${data.a} ${[`${data.n}`]} data.b`)', /reads "n"/],
  ['prompt', `({ data }) => text(xs.map(x => x + data.n).join())`, /reads "n"/],
  ['prompt', `({ data }) => text('sum', { sum: !data.n.x })`, /reads "n"/],
  ['read', `(said, { data }) => accept({ a: data.n.trim() })`, /reads "n"/],
  ['done', `(out, { view }) => goto('b', { a: view.data.n })`, /reads "n"/],
  ['done', `(_, hands) => goto('b', { a: hands.view.data.n })`, /reads "n"/],
  ['done', `(out, { view: { data } }) => goto('b', { a: data.n })`, /reads "n"/],
  ['unreachable', `({ view, known }) => goto('b', { a: view.data.n })`, /reads "n"/],
  ['chosen', `(id, { view }) => goto('b', { a: view.data.n })`, /reads "n"/]
]

describe('a bot is refused for', () => {
  for (const [where, code, found] of bad)
    it(`${where}: ${code}`, () => {
      const says = (where === 'move' ? moved(code) : read(where, code)).map(each => each.says)
      assert.ok(
        says.some(line => found.test(line)),
        says.join('\n') || 'nothing'
      )
    })
})
