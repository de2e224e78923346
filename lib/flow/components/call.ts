import type * as t from 'io-ts'
import type { Core } from '../../conversation/record.ts'
import type {
  Aside,
  Back,
  CoreAct,
  Moves,
  Patch,
  Patched,
  Plain,
  Refuse,
  Targets
} from '../action.ts'
import {
  type Actions,
  type AnyCall,
  type AnyHands,
  type AnyView,
  type Component,
  PLAIN
} from '../component.ts'
import type { Hands } from '../core-hands.ts'
import { coreHands } from '../core-hands.ts'
import type { Call, OutcomeCodecs } from '../define-call.ts'
import type { Step } from '../step.ts'
import type { View } from '../view.ts'

/** What may follow the outcome of a call: anything a step can do. */
type Settled<C extends Core, D> = Moves<
  Aside | CoreAct<C>,
  Plain<string> | Patched<string, Patch<D>> | Refuse | Back
>

/** A move for every declared outcome, or a function of its output that gives one. */
export type Outcomes<C extends Core, D, O extends OutcomeCodecs> = {
  readonly [K in keyof O]:
    | Settled<C, D>
    | ((output: t.TypeOf<O[K]>, hands: Hands<C, D>) => Settled<C, D>)
}

/** A move for a service that could not be reached; `unknown`: it may have been done. */
export type Unreachable<C extends Core, D> =
  | Settled<C, D>
  | ((hands: Hands<C, D> & { readonly known: 'not-done' | 'unknown' }) => Settled<C, D>)

export interface CallStepSpec<C extends Core, D, I, O extends OutcomeCodecs, M, U> {
  readonly call: Call<I, O>
  readonly input: (view: View<C, D>) => NoInfer<I>
  readonly outcomes: M & { readonly [K in Exclude<keyof M, keyof O>]: never }
  readonly unreachable: U
  /** The confirm whose yes this call needs; the call's key then follows from that prompt. */
  readonly signedBy?: string
}

/**
 * Makes an outside request and maps each declared outcome to what follows.
 *
 * The flow waits on this step; the intent is committed before anything is sent.
 */
export function call<
  C extends Core,
  D,
  I,
  O extends OutcomeCodecs,
  const M extends Outcomes<NoInfer<C>, NoInfer<D>, NoInfer<O>>,
  const U extends Unreachable<NoInfer<C>, NoInfer<D>>
>(
  spec: CallStepSpec<NoInfer<C>, NoInfer<D>, I, O, M, U>
): Step<C, D, Targets<M[keyof M]> | Targets<U>> {
  return Object.freeze({ kind: 'call', spec })
}

type Reaction<A> = Actions | ((given: A, hands: AnyHands) => Actions)
interface AnyCallStep {
  readonly call: AnyCall
  readonly input: (view: AnyView) => unknown
  readonly outcomes: Readonly<Record<string, Reaction<unknown>>>
  readonly unreachable:
    | Actions
    | ((hands: AnyHands & { readonly known: 'not-done' | 'unknown' }) => Actions)
  readonly signedBy?: string
}

export const callComponent: Component<AnyCallStep> = {
  may: new Set([
    ...PLAIN,
    'write',
    'refuse',
    'back',
    ...(Object.keys(coreHands) as readonly (keyof typeof coreHands)[])
  ]),
  needs: ['call', 'input', 'outcomes', 'unreachable'],
  enter: (spec, view) => ({
    tag: 'calls',
    call: spec.call,
    input: spec.input(view),
    signedBy: spec.signedBy ?? null
  }),
  settle: (spec, settling, hands) => {
    const { outcomes, unreachable } = spec
    if (settling.tag === 'answered' && Object.hasOwn(outcomes, settling.outcome)) {
      const reaction = outcomes[settling.outcome]
      if (typeof reaction === 'function') return reaction(settling.output, hands)
      if (reaction !== undefined) return reaction
    }
    const known = settling.tag === 'unreachable' ? settling.known : 'unknown'
    return typeof unreachable === 'function' ? unreachable({ ...hands, known }) : unreachable
  },
  problems: ({ call: { name, outcomes: declared, unknown, ...call }, outcomes }) => [
    ...(unknown === 'read-back' && call.readBack === undefined
      ? [`call "${name}" is to be read back and has no "readBack"`]
      : []),
    ...Object.keys(declared)
      .filter(outcome => !Object.hasOwn(outcomes, outcome))
      .map(outcome => `nothing follows the outcome "${outcome}" of "${name}"`),
    ...Object.keys(outcomes)
      .filter(outcome => !Object.hasOwn(declared, outcome))
      .map(outcome => `call "${name}" declares no outcome "${outcome}"`)
  ],
  endless: ({ call: { name, timeoutMs } }) =>
    Number.isFinite(timeoutMs) && timeoutMs > 0
      ? null
      : `call "${name}" waits without a deadline: timeoutMs is not a number above 0`,
  ways: spec => [
    ...Object.entries(spec.outcomes).map(([on, moves]) => ({ on, moves })),
    { on: 'unreachable', moves: spec.unreachable }
  ]
}
