import * as t from 'io-ts'
import type { Program } from '../../conversation/program.ts'
import {
  accept,
  ask,
  attempt,
  back,
  call,
  choose,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  end,
  goto,
  reject,
  text
} from '../../flow/index.ts'

const outcomes = { ok: t.unknown }
const run = () => attempt(async () => ({ outcome: 'ok' as const, output: null }))
export const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.unknown,
  outcomes,
  run,
  // The world that it lives in knows better.
  readBack: run
})
const look = defineCall({ name: 'look', effect: false, input: t.unknown, outcomes, run })

export const menu = defineFlow(
  { name: 'menu', start: 'choice' },
  {
    choice: choose({
      prompt: text('menu'),
      options: [
        { id: 'pay', label: 'Pay' },
        { id: 'look', label: 'Look' }
      ],
      next: { pay: goto({ flow: 'payment' }), look: goto('look') },
      invalid: text('err.menu')
    }),
    look: call({
      call: look,
      input: () => null,
      outcomes: { ok: goto('choice') },
      unreachable: back('choice', text('err.service'))
    })
  }
)

const payment = defineFlow(
  { name: 'payment', stage: 'CREDIT', data: t.partial({ amount: t.string }), start: 'amount' },
  {
    amount: ask({
      fields: ['amount'],
      prompt: text('ask.amount'),
      read: said => (/^\d+$/.test(said) ? accept({ amount: said }) : reject(text('err.amount'))),
      next: goto('confirm'),
      attempts: { most: 3, next: end(text('err.tooMany')) }
    }),
    confirm: confirm({
      prompt: ({ data }) => text('ask.confirm', { amount: data.amount ?? '' }),
      confirmed: goto('submit'),
      cancelled: end(text('cancelled')),
      invalid: text('err.confirm')
    }),
    submit: call({
      call: pay,
      signedBy: 'confirm',
      input: ({ data }) => ({ amount: data.amount ?? '' }),
      outcomes: { ok: end(text('paid')) },
      unreachable: back('confirm', text('err.service'))
    })
  }
)

/** What both builds of the form have in common. */
export const COMMON = {
  start: 'menu',
  commands: { greet: { words: ['hi'], do: 'menu' }, menu: { words: ['menu'], do: 'menu' } },
  session: { idleSeconds: 12, notice: 'expired' },
  texts: {
    en: {
      menu: 'What shall it be?',
      'ask.amount': 'How much?',
      'ask.confirm': 'Pay {amount}?',
      'ask.note': 'What for?',
      'err.amount': 'Not an amount.',
      'err.confirm': 'Yes or no?',
      'err.menu': 'Please choose.',
      'err.service': 'The service does not answer.',
      'err.tooMany': 'Let us start again.',
      cancelled: 'Not paid.',
      expired: 'You were away for long.',
      paid: 'Paid.'
    }
  }
} as const

/** A small real bot for simulations: a menu, a form, a signed payment, a session that ends. */
export const simulatedForm = defineBot({
  name: 'simulated form',
  flows: [menu, payment],
  ...COMMON
}) as unknown as Program
