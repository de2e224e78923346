import assert from 'node:assert/strict'
import { runInThisContext } from 'node:vm'
import * as t from 'io-ts'
import { sourceOf } from '../../../lib/flow/check/source.ts'
import { fieldsReadBy, fieldsWrittenBy } from '../../../lib/flow/check/source-fields.ts'
import { accept, checkBot, defineFlow, end, goto, text } from '../../../lib/flow/index.ts'
import { asking, findingsOf } from './bad-bots.ts'

// Written as text, since compilers drop comments and rewrite strings.
const made = (code: string): never => runInThisContext(`(${code})`) as never
const findings = (next: string) => findingsOf({ a: asking(text('ask'), made(next)) })

describe('what a function says in its own text', () => {
  it('is not what its comments say', () => {
    assert.deepEqual(findings(`() => { /* goto('gone') */ return end() }`), [])
    assert.deepEqual(findings(`() => { // it's like goto('gone')\n return end() }`), [])
  })

  it('is not what its strings, templates and patterns say', () => {
    for (const inside of [`"text('nokey')"`, `\`goto('gone')\``, `/['"]goto("gone")/`])
      assert.deepEqual(findings(`() => end(text('ask', { x: ${inside} }))`), [])
    const read = (a: string) => accept({ a: `${a} text('nokey')` })
    const step = { kind: 'ask', spec: { fields: ['a'], prompt: text('ask'), read, next: end() } }
    assert.deepEqual(findingsOf({ a: step }), [])
  })

  it('is what stands between the parts of a template', () => {
    const run = made(
      '({ data }) => `a ${data.a} { ${[`${data.b}`, { c: data.c }]} data.d` + data.e'
    )
    assert.deepEqual(
      fieldsReadBy(run, { as: 'view', at: 0 }).map(({ field }) => field),
      ['a', 'b', 'c', 'e']
    )
  })

  it('leaves open where a member of something else may go', () => {
    assert.deepEqual(findings(`() => { nav.goto('home'); return end() }`), [])
    const { steps, opaque } = sourceOf(made(`() => nav\n.goto('home')`))
    assert.deepEqual({ steps, opaque }, { steps: [], opaque: true })
  })

  it('names steps, flows and texts as compilers write imported names, too', () => {
    const run = made(`x => {
      if (x) return (0, flow_1.goto)('b', { 'c-d': 1, e: ', f: 2', g: undefined })
      if (!x) return (0, flow_1.goto)({ flow: "it's" })
      return (0, flow_1.end)((0, flow_1.text)('ask'))
    }`)
    assert.deepEqual(sourceOf(run), {
      steps: ['b'],
      flows: ["it's"],
      ends: true,
      texts: ['ask'],
      opaque: false
    })
    assert.deepEqual(fieldsWrittenBy(run), [{ step: 'b', fields: ['c-d', 'e'], removed: ['g'] }])
  })
})

describe('the data that a function reads', () => {
  it('lets a call bring fields of the same name', () => {
    const call = { name: 'find', outcomes: { ok: t.strict({}) }, late: {}, timeoutMs: 1000 }
    const ok = (answer: { data: { a: string } }) => goto('ask', { a: answer.data.a })
    const find = {
      kind: 'call',
      spec: { call, input: () => ({}), outcomes: { ok }, unreachable: end() }
    }
    const steps = { find, ask: asking(text('ask')) }
    const flow = defineFlow(
      { name: 'f', data: t.partial({ a: t.string }), start: 'find' },
      steps as never
    )
    const bot = { name: 'b', flows: [flow], start: 'f', texts: { en: { ask: 'Ask?' } } }
    assert.deepEqual(checkBot(bot as never), [])
  })
})
