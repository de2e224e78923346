import { accept, ask, defineBot, defineFlow, end, text } from '../../../lib/index.ts'

const flow = defineFlow(
  { name: 'one', start: 'first' },
  {
    first: ask({
      fields: [],
      prompt: text('hello'),
      read: () => {
        while (Date.now() > 0);
        return accept({})
      },
      next: end()
    })
  }
)

/** Never comes back from an answer. */
export default defineBot({
  name: 'endless',
  flows: [flow],
  start: 'one',
  texts: { en: { hello: 'Hello' } }
})
