import type { Begin, End, Goto } from './action.ts'

/** A step as the interpreter sees it: which component, and what that component was told. */
export interface StepNode {
  readonly kind: string
}

/**
 * A step of a flow whose core is `C`, whose data is `D`, and which may go to the steps `S`.
 *
 * The three are for the compiler only.
 */
export interface Step<C, D, S extends string = never> extends StepNode {
  readonly spec: unknown
  readonly reads?: (core: C, data: D) => void
  readonly goes?: S
}

/** What may stand in a flow's table of steps: a component, or a bare move as a control step. */
export type StepLike<C, D, S extends string> = Step<C, D, S> | Goto<S> | Begin | End
