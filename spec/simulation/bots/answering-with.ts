import { accept, ask, defineBot, defineFlow, end, text } from '../../../lib/index.ts'

/** A bot that does this with every answer to its one question. */
export function answeringWith(act: () => void) {
  const flow = defineFlow(
    { name: 'one', start: 'first' },
    {
      first: ask({
        fields: [],
        prompt: text('hello'),
        read: () => {
          act()
          return accept({})
        },
        next: end()
      })
    }
  )
  const texts = { en: { hello: 'Hello' } }
  return defineBot({ name: 'answering', flows: [flow], start: 'one', texts })
}
