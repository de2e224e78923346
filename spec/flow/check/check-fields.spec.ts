import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  type Core,
  checkBot,
  defineFlow,
  end,
  goto,
  rest,
  text
} from '../../../lib/flow/index.ts'
import { type BadBot, findingsOf, refuses, said } from './bad-bots.ts'

type Seen = { readonly data: { readonly a?: string } }

// What steps do with the field: as JavaScript does, with something in its place, and unpacked.
function bare({ data }: Seen): unknown {
  return data.a
}
function guarded({ data }: Seen): unknown {
  return data.a ?? 'none'
}
function unpacked({ data }: Seen): unknown {
  const { a } = data
  return a
}

const reading: unknown = {
  kind: 'ask',
  spec: {
    fields: ['a'],
    prompt: bare,
    read: (a: string) => accept({ a }),
    next: end()
  }
}

const writing = (next: unknown): unknown => ({
  kind: 'ask',
  spec: { fields: ['a'], prompt: text('ask'), read: (a: string) => accept({ a }), next }
})

/** Goes on with or without a stop at the step that writes. */
const either = (over: string, past: string): unknown => ({
  kind: 'branch',
  spec: { on: () => 'over', to: { over: goto(over), past: goto(past) } }
})

const say = (words: unknown): unknown => ({ kind: 'say', spec: { text: words, next: end() } })

/** Goes on with what a choice gives. */
const choosing = (next: unknown): unknown => ({
  kind: 'choose',
  spec: { prompt: text('ask'), options: [{ id: 'x', label: 'X' }], invalid: text('bad'), next }
})

const elsewhere = () => goto('b')

const never = 'form.b: it reads "a", which no step before it writes'
const sometimes = 'form.b: it reads "a", which is not written on every way here'

const bad: readonly BadBot[] = [
  ['field', never, () => formOf({ x: writing(end()), b: say(bare) }, 'b')],
  ['field', never, () => formOf({ b: say(guarded) }, 'b')],
  ['field', never, () => formOf({ b: say(unpacked) }, 'b')],
  [
    'field',
    sometimes,
    () => formOf({ begin: either('fill', 'b'), fill: writing(goto('b')), b: say(bare) }, 'begin')
  ],
  ['field', sometimes, () => removing({ x: goto('b', { a: undefined }) }, bare)],
  ['field', sometimes, () => removing(() => goto('b', { n: 1, a: undefined }), bare)],
  ['field', sometimes, () => removing(() => goto('b', { a: void 0, n: 1 }), bare)],
  [
    'field',
    never,
    () => formOf({ x: choosing(() => goto('b', { a: undefined })), b: say(guarded) }, 'x')
  ]
]

describe('checkBot on the fields that steps read', () => {
  refuses(bad)

  it('finds nothing where every way writes what is read', () => {
    const findings = formOf({ x: writing(goto('b')), b: say(bare) }, 'x')
    assert.deepEqual(said(findings, 'field'), [])
  })

  it('lets a step read what only some ways write, when it has something in its place', () => {
    const steps = { begin: either('fill', 'b'), fill: writing(goto('b')) }
    const findings = formOf({ ...steps, b: say(guarded) }, 'begin')
    assert.deepEqual(said(findings, 'field'), [])
  })

  it('lets a step look for what an older build may have written', () => {
    const upgrade = ({ step, data }: { step: string; data: object }) => ({ step, data })
    const migrations = [{ from: 1, to: 2, up: (old: object) => old, down: (old: object) => old }]
    const brought = findingsOf({ b: say(guarded) }, {}, { version: 2, upgrade })
    const migrated = findingsOf({ b: say(guarded) }, { schema: 2, migrations } as never)
    assert.deepEqual([said(brought, 'field'), said(migrated, 'field')], [[], []])
  })

  it('follows what a move writes by the step it leads to', () => {
    const patched = {
      kind: 'call',
      spec: {
        call: { name: 'c', outcomes: { done: t.strict({}), poor: t.strict({}) }, late: {} },
        input: () => ({}),
        outcomes: {
          done: (out: { a: string }) => goto('b', { a: out.a, n: [1, { x: 2 }] }),
          poor: goto('x')
        },
        unreachable: goto('x')
      }
    }
    const steps = { begin: patched, b: say(bare), x: say(bare) }
    assert.deepEqual(said(formOf(steps, 'begin'), 'field'), [never.replace('form.b', 'form.x')])
  })

  it('lets a step look for what a move before it removed, and read what may be undefined', () => {
    const some = (id: string) => goto('b', { a: id === 'x' ? id : undefined })
    const findings = [
      removing({ x: goto('b', { a: undefined }) }, guarded),
      formOf({ x: choosing(some), b: say(bare) }, 'x')
    ]
    assert.deepEqual(
      findings.map(each => said(each, 'field')),
      [[], []]
    )
  })

  it('concludes nothing where a way cannot be followed', () => {
    const opaque = { kind: 'rest', spec: { next: () => elsewhere() } }
    assert.deepEqual(said(formOf({ begin: opaque, b: say(bare) }, 'begin'), 'field'), [])
  })

  it('counts the field that a step reads while it is asked for it again as its own', () => {
    assert.deepEqual(said(formOf({ b: reading }, 'b'), 'field'), [])
  })

  it('believes that a flow may be begun with data, where a function begins it', () => {
    const form = defineFlow<string, Core<never, never>, { a?: string }>(
      { name: 'form', data: t.partial({ a: t.string }), start: 'b' },
      {
        b: ask({
          fields: [],
          prompt: ({ data }) => text(data.a ?? ''),
          read: () => accept({}),
          next: end()
        })
      }
    )
    const hub = defineFlow(
      { name: 'hub', start: 'go' },
      {
        go: rest({ next: () => goto({ flow: 'form' }, { a: 'given' }) })
      }
    )
    const findings = checkBot({
      name: 'x',
      flows: [hub, form],
      start: 'hub',
      texts: { en: {} }
    } as never)
    assert.deepEqual(said(findings, 'field'), [])
  })
})

/** Writes the field, then leaves by a move that is to remove it for the step that reads it. */
function removing(next: unknown, read: unknown) {
  return formOf({ x: writing(goto('y')), y: choosing(next), b: say(read) }, 'x')
}

function formOf(steps: Readonly<Record<string, unknown>>, start: string) {
  return findingsOf(steps, {}, { start })
}
