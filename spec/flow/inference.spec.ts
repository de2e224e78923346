import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  attempt,
  back,
  branch,
  call,
  checkBot,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  end,
  enter,
  type FindingKind,
  type Flow,
  goto,
  refuse,
  reject,
  rest,
  say,
  text
} from '../../lib/flow/index.ts'

const Member = t.strict({ memberId: t.string, tier: t.number })
const Cache = t.strict({ balances: t.record(t.string, t.string) })
const Core = coreOf({ member: Member, cache: Cache })
const Data = t.partial({ amount: t.string, count: t.number, handle: t.string, to: t.string })
const head = { core: Core, data: Data, name: 'offer', start: 'a' } as const
const x = text('x')

const resolve = defineCall({
  name: 'resolve',
  effect: false,
  input: t.strict({ handle: t.string }),
  outcomes: { found: t.strict({ accountId: t.string, n: t.number }), unknown: t.strict({}) },
  run: ({ handle }) =>
    attempt(async () => ({ outcome: 'found', output: { accountId: handle, n: 1 } }))
})
const pick = defineFlow(
  { core: Core, name: 'pick', returns: t.string, start: 'done' },
  { done: end(null, 'a') }
)

/** Every kind of step with every kind of function; nothing in it is annotated. */
const offer = defineFlow(head, {
  a: ask({
    fields: ['amount', 'count'],
    prompt: view => text('ask.amount', { usd: view.core.cache?.balances['USD'] ?? '0' }),
    read: (said, view) =>
      view.core.member?.tier === 1 && view.data.amount !== said.trim()
        ? accept({ amount: said, count: said.length })
        : reject(text('err.amount')),
    next: goto('handle'),
    attempts: { most: 5, next: end(text('err.attempts')) }
  }),
  handle: ask({
    fields: ['handle'],
    prompt: x,
    read: said => accept({ handle: said }),
    next: view => (view.data.handle === 'x' ? goto('a') : [say(x), goto('resolve')])
  }),
  resolve: call({
    call: resolve,
    input: ({ data }) => ({ handle: data.handle ?? '' }),
    outcomes: {
      found: ({ accountId }, { core, view }) => [
        core.remember({ balances: view.core.cache?.balances ?? {} }),
        core.signIn({ token: 'tok', member: { memberId: 'm', tier: 1 } }),
        goto('way', { to: accountId, count: undefined })
      ],
      unknown: () => refuse('handle', text('err.handle.unknown'))
    },
    unreachable: ({ known }) => back('handle', text(known === 'unknown' ? 'err.maybe' : 'err.core'))
  }),
  way: branch({
    on: view => (view.data.amount === undefined ? 'empty' : 'full'),
    to: { empty: goto('a'), full: goto('confirm') }
  }),
  confirm: confirm({
    prompt: view => text('ask.confirm', { amount: view.data.amount ?? '' }),
    confirmed: goto('sub'),
    cancelled: end(text('ok.cancelled')),
    invalid: text('err.confirm')
  }),
  sub: enter({
    flow: pick,
    returned: (value, { nowMs }) => goto('menu', { handle: value.trim() + nowMs, to: undefined })
  }),
  menu: choose({
    prompt: view => text('menu', { amount: view.data.amount ?? '' }),
    options: view =>
      view.data.amount === undefined
        ? [{ id: 'again', label: x }]
        : [
            { id: 'again', label: x },
            { id: 'leave', label: 'Leave' }
          ],
    next: { again: [say(x), goto('a', { amount: '1' })], leave: goto({ flow: 'menu' }) },
    invalid: x
  }),
  accounts: choose({
    prompt: x,
    options: view => Object.keys(view.core.cache?.balances ?? {}).map(id => ({ id, label: id })),
    next: (id, { core }) => [core.chooseAccount(id), goto('hop')],
    invalid: x
  }),
  hop: say({ text: view => text('hop', { amount: view.data.amount ?? '' }), next: goto('over') }),
  over: goto('photo'),
  photo: ask({
    fields: ['handle'],
    prompt: x,
    takes: ['text', 'media'],
    read: said => accept({ handle: typeof said === 'string' ? said : said.ref }),
    next: goto('rest')
  }),
  rest: rest({ next: goto({ flow: 'menu' }) })
})

const never = (): never => assert.fail('never run')
const step = {
  fields: ['amount'],
  prompt: x,
  read: (said: string) => accept({ amount: said })
} as const
const outcomes = { found: end(), unknown: end() }
const asking = { call: resolve, input: () => ({ handle: '' }), unreachable: end() }
const one = [{ id: 'one', label: 'One' }] as const

/** Each line is refused by the compiler; what it makes is never run, only looked at. */
const refused: Readonly<Record<string, () => unknown>> = {
  'a start that is no step': () =>
    // @ts-expect-error
    defineFlow({ ...head, start: 'zz' }, { a: end() }),
  'a move to no step': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, next: goto('zz') }) }),
  'a move to no step out of a function': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, next: () => goto('zz') }) }),
  'a refusal to no step': () =>
    // @ts-expect-error
    defineFlow(head, { a: call({ ...asking, outcomes: { ...outcomes, found: refuse('zz', x) } }) }),
  'a field that the data does not have': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, fields: ['zz'], read: never, next: end() }) }),
  'a value of another type than its field': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, read: () => accept({ amount: 5 }), next: end() }) }),
  'a declared field that is not read': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, fields: ['amount', 'to'], next: end() }) }),
  'the token in a view': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, prompt: v => text(`${v.core.token}`), next: end() }) }),
  'a write to the data of a view': () =>
    defineFlow(head, {
      a: branch({
        on: view => {
          // @ts-expect-error
          view.data.amount = 'x'
          return 'on'
        },
        to: { on: end() }
      })
    }),
  'an outcome that nothing follows': () =>
    // @ts-expect-error
    defineFlow(head, { a: call({ ...asking, outcomes: { found: end() } }) }),
  'an outcome that is not declared': () =>
    // @ts-expect-error
    defineFlow(head, { a: call({ ...asking, outcomes: { ...outcomes, zz: end() } }) }),
  'a call that may not be unreachable': () =>
    // @ts-expect-error
    defineFlow(head, { a: call({ call: resolve, input: asking.input, outcomes }) }),
  'an input of another type than the call takes': () =>
    // @ts-expect-error
    defineFlow(head, { a: call({ ...asking, input: () => ({ handle: 5 }), outcomes }) }),
  'an answer that the call does not declare': () =>
    defineCall({
      ...resolve,
      input: t.strict({ handle: t.string }),
      outcomes: { found: t.strict({}) },
      late: {},
      // @ts-expect-error
      run: () => attempt(async () => ({ outcome: 'zz', output: {} }))
    }),
  'a patch of another type than the field': () =>
    defineFlow(head, {
      // @ts-expect-error
      a: call({ ...asking, outcomes: { ...outcomes, found: o => goto('a', { amount: o.n }) } })
    }),
  'a patch with a field too many': () =>
    defineFlow(head, {
      a: call({
        ...asking,
        // @ts-expect-error
        outcomes: { ...outcomes, found: o => goto('a', { count: o.n, zz: 1 }) }
      })
    }),
  'a patch from a confirm': () =>
    defineFlow(head, {
      // @ts-expect-error
      a: confirm({ prompt: x, confirmed: goto('a', { amount: '1' }), cancelled: end(), invalid: x })
    }),
  'a refusal by move from an ask': () =>
    // @ts-expect-error
    defineFlow(head, { a: ask({ ...step, next: refuse('a', x) }) }),
  'an option that nothing follows': () =>
    // @ts-expect-error
    defineFlow(head, { a: choose({ prompt: x, options: one, next: {}, invalid: x }) }),
  'a sign-out by a choice': () =>
    defineFlow(head, {
      a: choose({
        prompt: x,
        options: one,
        // @ts-expect-error
        next: (_, { core }) => [core.signOut(), end()],
        invalid: x
      })
    }),
  'a cache of another type than the core has': () =>
    defineFlow(head, {
      a: call({
        ...asking,
        // @ts-expect-error
        outcomes: { ...outcomes, found: (_, { core }) => [core.remember({ n: 1 }), end()] }
      })
    }),
  'a list of actions without a move': () =>
    defineFlow(head, {
      // @ts-expect-error
      a: call({ ...asking, outcomes: { ...outcomes, found: (_, { core }) => [core.signOut()] } })
    }),
  'a text as a step that goes nowhere': () =>
    // @ts-expect-error
    defineFlow(head, { a: say(x) }),
  'a branch without one of its ways': () =>
    defineFlow(head, {
      // @ts-expect-error
      a: branch({ on: v => (v.data.to === undefined ? 'on' : 'off'), to: { on: end() } })
    }),
  'a value of a sub-flow taken for another type': () =>
    // @ts-expect-error
    defineFlow(head, { a: enter({ flow: pick, returned: value => goto('a', { count: value }) }) }),
  'a flow of another core': () =>
    defineBot({
      name: 'b',
      // @ts-expect-error
      core: coreOf({ member: t.string, cache: t.null }),
      flows: [offer],
      start: 'offer',
      texts: {}
    })
}

/** What the same line comes to for a JavaScript caller, where defining the bot tells it. */
const found: Readonly<Record<string, FindingKind>> = {
  'a start that is no step': 'flow',
  'a move to no step': 'target',
  'a move to no step out of a function': 'target',
  'a refusal to no step': 'target',
  'a field that the data does not have': 'step',
  'an outcome that nothing follows': 'outcome',
  'an outcome that is not declared': 'outcome',
  'a call that may not be unreachable': 'step',
  'a patch from a confirm': 'right',
  'a refusal by move from an ask': 'right',
  'an option that nothing follows': 'outcome',
  'a text as a step that goes nowhere': 'step'
}

describe('the types of the language', () => {
  it('infer core, data, outcomes and moves in every step without an annotation', () => {
    assert.equal(Object.keys(offer.steps).length, 12)
  })

  for (const [breach, kind] of Object.entries(found))
    it(`refuse ${breach}, and so does defining a bot with it in JavaScript`, () => {
      const flow = refused[breach]?.() as Flow

      const findings = checkBot({
        name: 'b',
        flows: [flow],
        start: 'offer',
        texts: { en: { x: '' } }
      })

      assert.ok(findings.some(each => each.kind === kind && each.flow === 'offer'))
    })
})
