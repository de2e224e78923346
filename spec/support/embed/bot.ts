import * as t from 'io-ts'
import { accept, ask, defineBot, defineFlow, end, text } from '../../../lib/index.ts'

const greet = defineFlow(
  { name: 'greet', data: t.partial({ name: t.string }), start: 'name' },
  {
    name: ask({
      fields: ['name'],
      prompt: text('ask.name'),
      read: said => accept({ name: said }),
      next: ({ data }) => end(text('done', { name: data.name ?? '' }))
    })
  }
)

export const bot = defineBot({
  name: 'greeter',
  flows: [greet],
  start: 'greet',
  commands: { again: { words: ['hi'], do: 'greet' } },
  texts: { en: { 'ask.name': 'What is your name?', done: 'Welcome, {name}!' } }
})
