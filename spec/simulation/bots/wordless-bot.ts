import { accept, ask, defineBot, defineFlow, end, text } from '../../../lib/index.ts'

const flow = defineFlow(
  { name: 'one', start: 'first' },
  {
    first: ask({
      fields: [],
      prompt: text('nobody.wrote'),
      read: () => accept({}),
      next: end()
    })
  }
)

/** Does not pass its checks: it says a text that nobody wrote. */
export default defineBot({ name: 'wordless', flows: [flow], start: 'one', texts: { en: {} } })
