import type { PlainMoves } from '../action.ts'
import type { Step } from '../step.ts'
import type { View } from '../view.ts'

export interface RestSpec<C, D, S extends string> {
  readonly then: PlainMoves<S> | ((view: View<C, D>) => PlainMoves<S>)
}

/**
 * Says nothing and waits for any message at all, taking nothing from it: a conversation at rest.
 *
 * @example
 * rest({ then: goto({ flow: 'login' }) })
 */
export function rest<C, D, S extends string = never>(
  spec: RestSpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S> {
  return Object.freeze({ kind: 'rest', spec })
}
