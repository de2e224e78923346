import type { PlainMoves } from '../action.ts'
import { type Actions, type AnyView, type Component, PLAIN } from '../component.ts'
import type { Step } from '../step.ts'
import type { View } from '../view.ts'

export interface RestSpec<C, D, S extends string> {
  readonly next: PlainMoves<S> | ((view: View<C, D>) => PlainMoves<S>)
}

/**
 * Says nothing and waits for any message at all, taking nothing from it: a conversation at rest.
 *
 * @example
 * rest({ next: goto({ flow: 'login' }) })
 */
export function rest<C, D, S extends string = never>(
  spec: RestSpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S> {
  return Object.freeze({ kind: 'rest', spec })
}

const silent = { tag: 'waits', shown: { text: null, options: [] } } as const

export const restComponent: Component<{ readonly next: Actions | ((view: AnyView) => Actions) }> = {
  may: new Set(PLAIN),
  needs: ['next'],
  enter: () => silent,
  receive: ({ next }) => ({
    tag: 'accepted',
    patch: null,
    signed: null,
    next: view => (typeof next === 'function' ? next(view) : next)
  }),
  ways: ({ next }) => [{ on: 'next', moves: next }]
}
