import type { PlainMoves, Targets } from '../action.ts'
import type { Step } from '../step.ts'
import type { View } from '../view.ts'

export interface BranchSpec<C, D, K extends string, M> {
  readonly on: (view: View<C, D>) => NoInfer<K>
  readonly to: M & { readonly [P in K]: PlainMoves<string> }
}

/**
 * Looks and goes one of several declared ways.
 *
 * @example
 * branch({ on: view => (view.data.amount === undefined ? 'empty' : 'full'),
 *   to: { empty: goto('amount'), full: goto('confirm') } })
 */
export function branch<C, D, K extends string, const M>(
  spec: BranchSpec<NoInfer<C>, NoInfer<D>, K, M>
): Step<C, D, Targets<M[keyof M]>> {
  return Object.freeze({ kind: 'branch', spec })
}
