import type { Program } from '../../conversation/program.ts'
import { attachedCall } from '../../conversation/record.ts'
import type { Weather } from './weather.ts'

/**
 * The same bot with bugs: on some events it throws now and then, on some always.
 *
 * Poison waits until no call is attached, so that it also lies in inboxes. When the faults are over
 * the bot is mended.
 */
export function troubled(bot: Program, weather: Weather): Program {
  const poisoned = new Map<string, boolean>()
  const isPoison = (id: string): boolean => {
    const known = poisoned.get(id)
    if (known !== undefined) return known && !weather.isCalm
    const drawn = weather.strikes('poison')
    poisoned.set(id, drawn)
    return drawn
  }
  return {
    ...bot,
    decide: (state, event, at) => {
      const isMessage = event.kind === 'Inbound' && attachedCall(state) === undefined
      if (isMessage && isPoison(event.id)) throw new Error('poison, as drawn')
      if (weather.strikes('handlerThrows')) throw new Error('as drawn')
      return bot.decide(state, event, at)
    },
    reset: (...args) => {
      if (weather.strikes('resetThrows')) throw new Error('as drawn')
      return bot.reset(...args)
    }
  }
}
