import type { Core } from '../../conversation/record.ts'
import type { Aside, Moves, Patch, Patched, Plain, Targets } from '../action.ts'
import { type Actions, type AnyView, type Component, type Fields, PLAIN } from '../component.ts'
import type { Flow } from '../define-flow.ts'
import type { Step } from '../step.ts'
import type { View } from '../view.ts'

/** What may follow the value of a sub-flow. */
export type Returned<D> = Moves<Aside, Plain<string> | Patched<string, Patch<D>>>

export interface EnterSpec<C extends Core, D, R, M> {
  /** One of the bot's flows; its core is checked there. */
  readonly flow: Flow<never, R>
  /** The data the sub-flow begins with; default none. */
  readonly data?: (view: View<C, D>) => Readonly<Record<string, unknown>>
  readonly returned: M
}

/** Enters another flow as a part of this one; its `end(text, value)` comes back here. */
export function enter<
  C extends Core,
  D,
  R,
  const M extends
    | Returned<NoInfer<D>>
    | ((value: NoInfer<R>, view: View<NoInfer<C>, NoInfer<D>>) => Returned<NoInfer<D>>)
>(spec: EnterSpec<NoInfer<C>, NoInfer<D>, R, M>): Step<C, D, Targets<M>> {
  return Object.freeze({ kind: 'enter', spec })
}

interface AnyEnter {
  readonly flow: Flow
  readonly data?: (view: AnyView) => Fields
  readonly returned: Actions | ((value: unknown, view: AnyView) => Actions)
}

export const enterComponent: Component<AnyEnter> = {
  may: new Set([...PLAIN, 'write']),
  needs: ['flow', 'returned'],
  enter: (spec, view) => ({ tag: 'enters', flow: spec.flow, data: spec.data?.(view) ?? {} }),
  settle: ({ returned }, settling, { view }) => {
    const value = settling.tag === 'returned' ? settling.value : null
    return typeof returned === 'function' ? returned(value, view) : returned
  },
  ways: spec => [{ on: 'returned', moves: spec.returned }]
}
