// A bot that is refused when it is defined, as the command line is given one.
import { defineBot, defineFlow, goto, say, text } from '../../../lib/flow/index.ts'

const circle = defineFlow(
  { name: 'circle', start: 'one' },
  { one: say({ text: text('one'), next: goto('two') }), two: goto('one') }
)

export const bot = defineBot({ name: 'bad', flows: [circle], start: 'circle', texts: { en: {} } })
