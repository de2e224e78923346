import type { PlainMoves, Targets } from '../action.ts'
import { type Actions, type AnyView, type Component, PLAIN } from '../component.ts'
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

interface AnyBranch {
  on(view: AnyView): string
  readonly to: Readonly<Record<string, Actions>>
}

export const branchComponent: Component<AnyBranch> = {
  may: new Set(PLAIN),
  needs: ['on', 'to'],
  enter: (spec, view) => {
    const way = spec.on(view)
    const actions = Object.hasOwn(spec.to, way) ? spec.to[way] : undefined
    if (actions === undefined) throw new TypeError(`the branch declares no way "${way}"`)
    return { tag: 'goes', actions }
  },
  ways: spec => Object.entries(spec.to).map(([on, moves]) => ({ on, moves }))
}
