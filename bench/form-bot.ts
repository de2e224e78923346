import * as t from 'io-ts'
import {
  accept,
  ask,
  choose,
  defineBot,
  defineFlow,
  goto,
  reject,
  rest,
  say,
  text
} from '../lib/flow/index.ts'

const Data = t.partial({
  amount: t.number,
  handle: t.string,
  offers: t.number,
  sum: t.number
})

const form = defineFlow(
  { name: 'form', data: Data, start: 'menu' },
  {
    menu: ask({
      fields: [],
      prompt: text('menu'),
      read: said => (said === 'offer' ? accept({}) : reject(text('menu'))),
      next: goto('amount')
    }),
    amount: ask({
      fields: ['amount'],
      prompt: text('amount'),
      read: said => (/^\d+$/.test(said) ? accept({ amount: +said }) : reject(text('badAmount'))),
      next: goto('handle')
    }),
    handle: ask({
      fields: ['handle'],
      prompt: text('handle'),
      read: said => accept({ handle: said }),
      next: goto('sure')
    }),
    sure: choose({
      prompt: ({ data: { amount = 0, handle = '' } }) => text('sure', { amount, handle }),
      options: [
        { id: 'yes', label: 'yes' },
        { id: 'no', label: 'no' }
      ],
      words: { yes: 'yes', no: 'no' },
      next: (option, { view: { data } }) => {
        const { amount = 0, offers = 0, sum = 0 } = data
        return option === 'no'
          ? goto('menu')
          : goto('done', { offers: offers + 1, sum: sum + amount })
      },
      invalid: text('menu')
    }),
    done: say({
      text: ({ data: { offers = 0 } }) => text('done', { count: offers }),
      next: goto('over')
    }),
    over: rest({ next: goto('menu') })
  }
)

/**
 * The conversation of the benchmarks: a form of seven turns, one of them a refused input.
 *
 * Offers are counted and summed in the flow's data, so that a lost or doubled turn shows.
 */
export const formBot = defineBot({
  name: 'form',
  flows: [form],
  start: 'form',
  texts: {
    en: {
      menu: 'Menu: offer / help',
      amount: 'How much?',
      badAmount: 'That is not a number. How much?',
      handle: 'Your handle?',
      sure: 'Offer {amount} for {handle}: yes/no?',
      done: 'Done, offer number {count} recorded.'
    }
  }
})

/** What a member says in one round; the amount and the handle differ from round to round. */
export function formScript(round: number): readonly string[] {
  const amount = 100 + ((round * 37) % 900)
  return ['hi', 'offer', 'abc', `${amount}`, `@user${round}`, 'yes', 'thanks']
}

/** What one round must be answered with, when so many were finished before it. */
export function formReplies(round: number, before: number): readonly string[] {
  const [, , , amount = '', handle = ''] = formScript(round)
  return [
    'Menu: offer / help',
    'How much?',
    'That is not a number. How much?',
    'Your handle?',
    `Offer ${amount} for ${handle}: yes/no?`,
    `Done, offer number ${before + 1} recorded.`,
    'Menu: offer / help'
  ]
}
