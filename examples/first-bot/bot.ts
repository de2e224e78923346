import * as t from 'io-ts'
import {
  accept,
  ask,
  choose,
  defineBot,
  defineFlow,
  end,
  goto,
  reject,
  text
} from '../../lib/index.ts'

const table = defineFlow(
  { name: 'table', data: t.partial({ guests: t.number }), start: 'guests' },
  {
    guests: ask({
      fields: ['guests'],
      prompt: text('ask.guests'),
      read: said => (/^[1-8]$/.test(said) ? accept({ guests: +said }) : reject(text('err.guests'))),
      next: goto('day')
    }),
    day: choose({
      prompt: text('ask.day'),
      options: ['Friday', 'Saturday'].map(day => ({ id: day, label: day })),
      next: (day, { view }) => end(text('done', { day, guests: view.data.guests ?? 0 })),
      invalid: text('ask.day')
    })
  }
)

export const bot = defineBot({
  name: 'table',
  flows: [table],
  start: 'table',
  commands: { again: { words: ['hi', 'start'], do: 'table' } },
  texts: {
    en: {
      'ask.guests': 'A table for how many?',
      'ask.day': 'On which day? Please tap one.',
      'err.guests': 'We have tables for 1 to 8.',
      done: 'A table for {guests} on {day}. See you then!'
    }
  }
})
