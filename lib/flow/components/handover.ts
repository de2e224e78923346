import type { Core } from '../../conversation/record.ts'
import type { PlainMoves } from '../action.ts'
import {
  type Actions,
  type AnyView,
  type Component,
  PLAIN,
  type Words,
  wordsOf
} from '../component.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'

export interface HandoverSpec<C extends Core, D, S extends string> {
  /** Said to the member before the bot falls silent. */
  readonly text: Text | ((view: View<C, D>) => Text)
  /** How long the person may have the conversation. */
  readonly withinSeconds: number
  /** What follows when the person gives it back. */
  readonly next: PlainMoves<S> | ((view: View<C, D>) => PlainMoves<S>)
  /** What follows when nobody gave it back in time. */
  readonly late: PlainMoves<S>
}

/**
 * Gives the conversation to a person: the bot is silent, and what the member says waits, in order,
 * for that person to read.
 *
 * An operator's `resume` gives it back. What was said meanwhile is then no answer to the bot.
 *
 * @example
 * handover({
 *   text: text('person'),
 *   withinSeconds: 3600,
 *   next: goto('rate'),
 *   late: end(text('nobody'))
 * })
 */
export function handover<C extends Core, D, S extends string = never>(
  spec: HandoverSpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S> {
  return Object.freeze({ kind: 'handover', spec })
}

interface AnyHandover {
  readonly text: Words
  readonly withinSeconds: number
  readonly next: Actions | ((view: AnyView) => Actions)
  readonly late: Actions
}

export const handoverComponent: Component<AnyHandover> = {
  may: new Set(PLAIN),
  needs: ['text', 'next', 'late'],
  enter: (spec, view) => ({
    tag: 'handsOver',
    text: wordsOf(spec.text, view),
    withinMs: spec.withinSeconds * 1000
  }),
  settle: ({ next, late }, settling, { view }) => {
    if (settling.tag === 'handedBack' && settling.late) return late
    return typeof next === 'function' ? next(view) : next
  },
  endless: ({ withinSeconds }) =>
    Number.isFinite(withinSeconds) && withinSeconds > 0
      ? null
      : 'it waits for a person without a deadline: withinSeconds is not a number above 0',
  ways: ({ next, late }) => [
    { on: 'returned', moves: next },
    { on: 'late', moves: late }
  ]
}
