import { accept, ask, defineBot, defineFlow, end, text } from '../../../lib/index.ts'

const flow = defineFlow(
  { name: 'one', start: 'first' },
  {
    first: ask({
      fields: [],
      prompt: text('hello'),
      read: () => {
        process.exit(0)
        return accept({})
      },
      next: end()
    })
  }
)

/** Ends its process at an answer. */
export default defineBot({
  name: 'leaving',
  flows: [flow],
  start: 'one',
  texts: { en: { hello: 'Hello' } }
})
