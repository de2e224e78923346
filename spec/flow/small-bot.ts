import * as t from 'io-ts'
import {
  accept,
  ask,
  attempt,
  type Bot,
  back,
  call,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  end,
  goto,
  refuse,
  reject,
  rest,
  say,
  text
} from '../../lib/flow/index.ts'
import { SecretText } from '../../lib/kernel/secret.ts'

const Member = t.strict({ memberId: t.string, tier: t.number })
const Cache = t.strict({ balance: t.string })
export const Core = coreOf({ member: Member, cache: Cache })

const Login = t.strict({ token: SecretText, member: Member, cache: Cache })
const answered = <A>(output: A) => attempt(async () => ({ outcome: 'done' as const, output }))
const never = () => answered({})

const login = defineCall({
  name: 'login',
  effect: false,
  input: t.strict({ phone: t.string }),
  outcomes: { found: Login, unknown: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'unknown', output: {} }))
})
const resolve = defineCall({
  name: 'resolve',
  effect: false,
  input: t.strict({ handle: t.string }),
  outcomes: { found: t.strict({ accountId: t.string }), unknown: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'unknown', output: {} }))
})
const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.strict({ to: t.string, amount: t.string }),
  outcomes: { done: t.strict({ balance: t.string }), poor: t.strict({}) },
  late: { done: text('late.paid') },
  run: ({ amount }) => attempt(async () => ({ outcome: 'done', output: { balance: amount } }))
})
const register = defineCall({
  name: 'register',
  effect: true,
  input: t.strict({ name: t.string }),
  outcomes: { done: Login },
  run: () => never() as never
})

const init = defineFlow(
  { core: Core, name: 'init', stage: 'INIT', start: 'idle' },
  { idle: rest({ next: goto({ flow: 'login' }) }) }
)

const loginFlow = defineFlow(
  { core: Core, name: 'login', stage: 'AUTH', start: 'login' },
  {
    login: call({
      call: login,
      input: view => ({ phone: view.core.channel.user }),
      outcomes: {
        found: ({ token, member, cache }, { core }) => [
          core.signIn({ token, member, account: `acc-${member.memberId}`, cache }),
          goto({ flow: 'menu' })
        ],
        unknown: goto({ flow: 'registration' })
      },
      unreachable: [say(text('err.service')), goto({ flow: 'init' })]
    })
  }
)

const registration = defineFlow(
  {
    core: Core,
    name: 'registration',
    stage: 'REGISTRATION',
    data: t.partial({ name: t.string }),
    start: 'welcome'
  },
  {
    welcome: choose({
      prompt: text('reg.welcome'),
      options: [{ id: 'join', label: text('reg.join') }],
      next: { join: goto('name') },
      invalid: text('err.button')
    }),
    name: ask({
      fields: ['name'],
      prompt: text('ask.name'),
      read: said => (said.length < 3 ? reject(text('err.name')) : accept({ name: said })),
      next: goto('submit')
    }),
    submit: call({
      call: register,
      input: ({ data }) => ({ name: data.name ?? '' }),
      outcomes: {
        done: ({ token, member, cache }, { core }) => [
          core.signIn({ token, member, cache }),
          say(text('reg.done')),
          goto({ flow: 'menu' })
        ]
      },
      unreachable: back('name', text('err.service'))
    })
  }
)

const menu = defineFlow(
  { core: Core, name: 'menu', start: 'dashboard' },
  {
    dashboard: choose({
      prompt: ({ core }) => text('menu', { balance: core.cache?.balance ?? '?' }),
      options: view => [
        { id: 'pay', label: text('menu.pay') },
        ...(view.core.member?.tier === 5 ? [{ id: 'vip' as const, label: 'VIP' }] : [])
      ],
      as: 'list',
      next: { pay: goto({ flow: 'payment' }), vip: goto({ flow: 'payment' }, { amount: '99' }) },
      invalid: text('err.list')
    })
  }
)

const payment = defineFlow(
  {
    core: Core,
    name: 'payment',
    version: 2,
    stage: 'CREDIT',
    data: t.partial({ amount: t.string, handle: t.string, to: t.string }),
    start: 'amount',
    retired: text('notice.retired')
  },
  {
    amount: ask({
      fields: ['amount'],
      prompt: text('ask.amount'),
      read: said => (/^\d+$/.test(said) ? accept({ amount: said }) : reject(text('err.amount'))),
      next: goto('handle'),
      attempts: { most: 4, next: end(text('err.tooMany')) }
    }),
    handle: ask({
      fields: ['handle'],
      prompt: text('ask.handle'),
      read: said => (said.includes(' ') ? reject(text('err.handle')) : accept({ handle: said })),
      next: goto('resolve')
    }),
    resolve: call({
      call: resolve,
      input: ({ data }) => ({ handle: data.handle ?? '' }),
      outcomes: {
        found: ({ accountId }) => goto('confirm', { to: accountId }),
        unknown: refuse('handle', text('err.unknown'))
      },
      unreachable: back('handle', text('err.service'))
    }),
    confirm: confirm({
      prompt: ({ data }) =>
        text('ask.confirm', { amount: data.amount ?? '', handle: data.handle ?? '' }),
      confirmed: goto('submit'),
      cancelled: end(text('ok.cancelled')),
      invalid: text('err.confirm')
    }),
    submit: call({
      call: pay,
      signedBy: 'confirm',
      input: ({ data }) => ({ to: data.to ?? '', amount: data.amount ?? '' }),
      outcomes: {
        done: (cache, { core }) => [core.remember(cache), end(text('ok.paid'))],
        poor: end(text('err.poor'))
      },
      unreachable: ({ known }) =>
        back('confirm', text(known === 'unknown' ? 'err.maybe' : 'err.service'))
    })
  }
)

const en = {
  'ask.amount': 'How much?',
  'ask.confirm': 'Pay {amount} to {handle}?',
  'ask.handle': 'Which handle?',
  'ask.name': 'Your name?',
  'err.amount': 'Not an amount.',
  'err.button': 'Please use the button.',
  'err.confirm': 'Please confirm or cancel.',
  'err.handle': 'Not a handle.',
  'err.list': 'Please choose from the list.',
  'err.maybe': 'It may have been paid, please try again.',
  'err.name': 'Too short.',
  'err.poor': 'Not enough balance.',
  'err.service': 'Please try again.',
  'err.tooMany': 'Too many tries.',
  'err.unknown': 'No such handle.',
  help: 'Just answer.',
  'late.paid': 'Your payment was made after all.',
  menu: 'Balance {balance}.',
  'menu.pay': 'Pay',
  'notice.expired': 'Your session expired.',
  'notice.retired': 'Payments have changed.',
  'ok.cancelled': 'Cancelled.',
  'ok.paid': 'Paid.',
  'reg.done': 'Welcome.',
  'reg.join': 'Join',
  'reg.welcome': 'Tap to join.',
  stale: 'No longer open.'
}

/** A bot with every kind of turn in it: login, registration, a menu, a signed payment. */
export const smallBot: Bot<t.TypeOf<typeof Core>> = defineBot({
  name: 'small',
  core: Core,
  flows: [init, loginFlow, registration, menu, payment],
  start: 'init',
  menu: 'menu',
  registration: 'registration',
  commands: {
    greeting: { words: ['hi', 'menu'], do: 'login' },
    help: { words: ['help'], do: say(text('help')) }
  },
  session: { idleSeconds: 300, notice: 'notice.expired' },
  stages: {
    INIT: ['AUTH'],
    AUTH: ['INIT', 'MENU', 'REGISTRATION', 'ACCOUNT'],
    MENU: ['CREDIT', 'ACCOUNT'],
    CREDIT: ['MENU'],
    REGISTRATION: ['MENU']
  },
  says: { stale: 'stale' },
  texts: { en }
})
