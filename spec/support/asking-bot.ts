import { choose, defineBot, defineFlow, goto, rest, text } from '../../lib/flow/index.ts'

/** A flow that asks, and asks something else when its question never arrived. */
export const asking = defineFlow(
  { name: 'ask', start: 'hello', undelivered: 'other' },
  {
    hello: rest({ next: goto('sure') }),
    sure: choose({
      prompt: text('sure'),
      options: [{ id: 'yes', label: 'yes' }],
      words: { yes: 'yes' },
      next: () => goto('done'),
      invalid: text('again')
    }),
    other: choose({
      prompt: text('other'),
      options: [{ id: 'ok', label: 'ok' }],
      words: { ok: 'ok' },
      next: () => goto('done'),
      invalid: text('again')
    }),
    done: rest({ next: goto('sure') })
  }
)

export const ASKED = { sure: 'sure?', other: 'never arrived', again: 'again?' }

export const askingBot = defineBot({
  name: 'asking',
  flows: [asking],
  start: 'ask',
  texts: { en: ASKED }
})
