import type { PlainMoves } from '../action.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'
import type { Attempts } from './ask.ts'

export interface ConfirmSpec<C, D, S extends string> {
  readonly prompt: Text | ((view: View<C, D>) => Text)
  readonly confirmed: PlainMoves<S>
  readonly cancelled: PlainMoves<S>
  /** Said when the input is neither yes nor no. */
  readonly invalid: Text
  /** Labels of the two buttons; default the bot's own. */
  readonly labels?: { readonly confirm: Text; readonly cancel: Text }
  /** Typed words beside yes, y, true, 1 and no, n, false, 0; any case. */
  readonly words?: { readonly confirm: readonly string[]; readonly cancel: readonly string[] }
  readonly attempts?: Attempts<S>
}

/**
 * Shows what will happen and takes yes or no; yes is a signature bound to this prompt.
 *
 * A `call` with `signedBy` can only be reached from the yes of the confirm it names.
 */
export function confirm<C, D, S extends string = never>(
  spec: ConfirmSpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S> {
  return Object.freeze({ kind: 'confirm', spec })
}
