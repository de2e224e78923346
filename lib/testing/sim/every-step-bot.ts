import * as t from 'io-ts'
import type { Program } from '../../conversation/program.ts'
import {
  accept,
  ask,
  attempt,
  back,
  branch,
  call,
  choose,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  end,
  enter,
  goto,
  handover,
  reject,
  rest,
  say,
  tell,
  text
} from '../../flow/index.ts'

const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.unknown,
  outcomes: { ok: t.unknown },
  run: () => attempt(async () => ({ outcome: 'ok' as const, output: null }))
})

const start = defineFlow(
  { name: 'start', start: 'idle' },
  { idle: rest({ next: goto('leave') }), leave: goto({ flow: 'menu' }) }
)

const amount = defineFlow(
  { name: 'amount', data: t.partial({ n: t.number }), returns: t.number, start: 'ask' },
  {
    ask: ask({
      fields: ['n'],
      prompt: text('ask.amount'),
      read: said => (/^\d+$/.test(said) ? accept({ n: Number(said) }) : reject(text('err.amount'))),
      next: ({ data }) => end(null, data.n ?? 0)
    })
  }
)

const menu = defineFlow(
  { name: 'menu', start: 'choice' },
  {
    choice: choose({
      prompt: text('menu'),
      options: [
        { id: 'pay', label: 'Pay' },
        { id: 'person', label: 'Person' }
      ],
      next: { pay: goto({ flow: 'payment' }), person: goto('person') },
      invalid: text('err.menu'),
      attempts: { most: 4, next: goto('person') }
    }),
    person: handover({
      text: text('person'),
      withinSeconds: 3,
      next: goto('back'),
      late: goto('choice')
    }),
    back: say({ text: text('back'), next: goto('choice') })
  }
)

const resume = { prompt: text('resume'), resume: text('resume.yes'), over: text('resume.no') }
const payment = defineFlow(
  {
    name: 'payment',
    stage: 'CREDIT',
    data: t.partial({ n: t.number, note: t.string }),
    start: 'note',
    resume
  },
  {
    note: ask({
      fields: ['note'],
      prompt: text('ask.note'),
      read: note => accept({ note }),
      next: goto('amount')
    }),
    amount: enter({ flow: amount, returned: n => goto('large', { n }) }),
    large: branch({
      on: ({ data }) => ((data.n ?? 0) > 9 ? 'large' : 'small'),
      to: { large: goto('confirm'), small: goto('none') }
    }),
    none: end(text('cancelled')),
    confirm: confirm({
      prompt: ({ data }) => text('ask.confirm', { n: data.n ?? 0 }),
      confirmed: goto('submit'),
      cancelled: goto('none'),
      invalid: text('err.confirm')
    }),
    submit: call({
      call: pay,
      signedBy: 'confirm',
      input: ({ data }) => ({ amount: data.n }),
      outcomes: { ok: end(text('paid')) },
      unreachable: back('confirm', text('err.service'))
    })
  }
)

/** A bot for simulations that uses every kind of step, and offers to go on after a session. */
export const everyStepBot = defineBot({
  name: 'every step',
  flows: [start, menu, payment, amount],
  start: 'start',
  menu: 'menu',
  commands: { greet: { words: ['hi'], do: 'menu' }, menu: { words: ['menu'], do: 'menu' } },
  stages: { MENU: ['CREDIT'], CREDIT: ['MENU'] },
  on: { news: tell({ data: t.unknown, say: () => text('news') }) },
  session: { idleSeconds: 12, notice: 'expired' },
  texts: {
    en: {
      menu: 'What shall it be?',
      back: 'Back with the bot.',
      person: 'A person comes.',
      resume: 'Go on?',
      'resume.yes': 'Yes',
      'resume.no': 'No',
      'ask.amount': 'How much?',
      'ask.confirm': 'Pay {n}?',
      'ask.note': 'What for?',
      'err.amount': 'Not an amount.',
      'err.confirm': 'Yes or no?',
      'err.menu': 'Please choose.',
      'err.service': 'The service does not answer.',
      cancelled: 'Not paid.',
      expired: 'You were away for long.',
      news: 'News.',
      paid: 'Paid.'
    }
  }
}) as unknown as Program
