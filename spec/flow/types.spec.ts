import * as t from 'io-ts'
import {
  accept,
  ask,
  attempt,
  back,
  branch,
  call,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  end,
  enter,
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
const Data = t.partial({ amount: t.string, denom: t.string, handle: t.string, recipient: t.string })
const resolve = defineCall({
  name: 'resolve',
  effect: false,
  input: t.strict({ handle: t.string }),
  outcomes: { found: t.strict({ accountId: t.string }), unknown: t.strict({}) },
  run: ({ handle }) => attempt(async () => ({ outcome: 'found', output: { accountId: handle } }))
})
const head = { core: Core, data: Data, name: 'offer', stage: 'CREDIT', start: 'amount' } as const

const pick = defineFlow(
  { core: Core, name: 'pick', returns: t.string, start: 'done' },
  { done: end(null, 'a') }
)

export const offer = defineFlow(head, {
  amount: ask({
    fields: ['amount', 'denom'],
    prompt: view => text('ask.amount', { usd: view.core.cache?.balances['USD'] ?? '0' }),
    read: (said, view) =>
      view.core.member?.tier === 1 && view.data.amount !== said.trim()
        ? accept({ amount: said, denom: 'USD' })
        : reject(text('err.amount')),
    next: goto('handle'),
    attempts: { most: 5, next: end(text('err.attempts')) }
  }),
  handle: ask({
    fields: ['handle'],
    prompt: text('ask.handle'),
    read: said => accept({ handle: said }),
    next: view => (view.data.handle === 'x' ? goto('amount') : [say(text('ok')), goto('resolve')])
  }),
  resolve: call({
    call: resolve,
    input: ({ data }) => ({ handle: data.handle ?? '' }),
    outcomes: {
      found: ({ accountId }, { core, view }) => [
        core.remember({ balances: view.core.cache?.balances ?? {} }),
        core.signIn({ token: 'tok', member: { memberId: 'm', tier: 1 } }),
        goto('way', { recipient: accountId })
      ],
      unknown: () => refuse('handle', text('err.handle.unknown'))
    },
    unreachable: ({ known }) => back('handle', text(known === 'unknown' ? 'err.maybe' : 'err.core'))
  }),
  way: branch({
    on: view => (view.data.amount === undefined ? 'empty' : 'full'),
    to: { empty: goto('amount'), full: goto('confirm') }
  }),
  confirm: confirm({
    prompt: view => text('ask.confirm', { amount: view.data.amount ?? '' }),
    confirmed: goto('sub'),
    cancelled: end(text('ok.cancelled')),
    invalid: text('err.confirm')
  }),
  sub: enter({
    flow: pick,
    returned: (value, view) => goto('menu', { denom: `${value}${view.nowMs}` })
  }),
  menu: choose({
    prompt: view => text('menu', { amount: view.data.amount ?? '' }),
    options: view =>
      view.data.amount === undefined
        ? [{ id: 'again', label: text('again') }]
        : [
            { id: 'again', label: text('again') },
            { id: 'leave', label: 'Leave' }
          ],
    next: {
      again: [say(text('again')), goto('amount', { amount: '1' })],
      leave: goto({ flow: 'menu' })
    },
    invalid: text('err.list')
  }),
  accounts: choose({
    prompt: text('pick'),
    options: view => Object.keys(view.core.cache?.balances ?? {}).map(id => ({ id, label: id })),
    next: (id, { core }) => [core.chooseAccount(id), goto('hop')],
    invalid: text('err.list')
  }),
  hop: say({ text: view => text('hop', { amount: view.data.amount ?? '' }), next: goto('over') }),
  over: goto('rest'),
  rest: rest({ next: goto({ flow: 'menu' }) }),
  photo: ask({
    fields: ['handle'],
    prompt: text('photo'),
    takes: ['text', 'media'],
    read: said => accept({ handle: typeof said === 'string' ? said : said.ref }),
    next: end()
  })
})

export const bot = (): unknown =>
  defineBot({ name: 'b', core: Core, flows: [offer, pick], start: 'offer', texts: { en: {} } })
