import type { Flow } from '../define-flow.ts'
import type { StepNode } from '../step.ts'

/** What may be wrong with a bot; one word per kind, for those who look for one. */
export type FindingKind =
  | 'flow'
  | 'step'
  | 'outcome'
  | 'target'
  | 'right'
  | 'unreachable'
  | 'loop'
  | 'wait'
  | 'text'
  | 'word'
  | 'stage'
  | 'signature'
  | 'call'
  | 'session'
  | 'field'
  | 'deploy'
  | 'schema'

/** One thing that is wrong with a bot, and where. */
export interface Finding {
  readonly kind: FindingKind
  /** Null when it concerns the bot as a whole. */
  readonly flow: string | null
  readonly step: string | null
  readonly says: string
}

/** A step together with where it stands. */
export interface Placed {
  readonly flow: Flow
  readonly step: string
  readonly node: StepNode
}

/** A finding at a step. */
export function at({ flow, step }: Placed, kind: FindingKind, says: string): Finding {
  return { kind, flow: flow.name, step, says }
}

/** A finding in one line. */
export function findingText({ flow, step, says }: Finding): string {
  const place = [flow, step].filter(part => part !== null).join('.')
  return place === '' ? says : `${place}: ${says}`
}

/** Every step of these flows. */
export function stepsOf(flows: readonly Flow[]): readonly Placed[] {
  return flows.flatMap(flow =>
    Object.entries(flow.steps).map(([step, node]) => ({ flow, step, node }))
  )
}
