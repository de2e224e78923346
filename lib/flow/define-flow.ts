import * as t from 'io-ts'
import type { Core, FlowFrame } from '../conversation/record.ts'
import type { StepLike, StepNode } from './step.ts'
import type { Text } from './text.ts'

/** What is said when a member comes back after a session ended in the middle of a flow. */
export interface ResumeOffer {
  readonly prompt: Text
  /** Labels of the two buttons. */
  readonly resume: Text
  readonly over: Text
}

/** What a flow is, apart from its steps. */
export interface FlowHead<C extends Core, D, R, N extends string> {
  /** Unique in the bot; stands in the record. */
  readonly name: string
  /** The bot's core codec; default a core without member and cache. */
  readonly core?: t.Type<C, unknown>
  /** The data this flow collects; usually `t.partial`. Default none. */
  readonly data?: t.Type<D, unknown>
  /** Raised when a step, an option or a field goes or changes its meaning; default 1. */
  readonly version?: number
  /** The stage this flow belongs to; default MENU. */
  readonly stage?: string
  readonly start: N
  /** What the flow gives to the flow that entered it; default nothing. */
  readonly returns?: t.Type<R, unknown>
  /** Brings a frame of an older version up to this one; null when that cannot be done. */
  readonly upgrade?: (frame: FlowFrame) => Pick<FlowFrame, 'step' | 'data'> | null
  /**
   * Steps at which the host may not speak first: `tell` is refused there, and a reminder waits.
   * Default none.
   */
  readonly quiet?: readonly N[]
  /** Where the flow goes when the message with its open prompt never arrives; default nowhere. */
  readonly undelivered?: N
  /** Offers to go on where a session's end cut the flow off, unless that was at a confirmation. */
  readonly resume?: ResumeOffer
  /** Said when an older frame cannot be brought up; default the bot's own. */
  readonly retired?: Text
}

/** One dialogue: its steps and all that a bot must know to run it. */
export interface Flow<C extends Core = Core, R = unknown> {
  readonly name: string
  readonly version: number
  readonly stage: string
  readonly start: string
  readonly data: t.Type<unknown, unknown>
  readonly returns: t.Type<unknown, unknown> | null
  readonly upgrade: ((frame: FlowFrame) => Pick<FlowFrame, 'step' | 'data'> | null) | null
  readonly resume: ResumeOffer | null
  readonly retired: Text | null
  readonly quiet: readonly string[]
  readonly undelivered: string | null
  readonly steps: Readonly<Record<string, StepNode>>
  /** For the compiler only. */
  readonly runs?: (core: C) => R
}

type NoData = Readonly<Record<never, never>>

/**
 * Describes a flow: what it collects, then its steps by name.
 *
 * Core and data are typed in every step, and a move to a step that is not there does not compile.
 *
 * @example
 * const order = defineFlow(
 *   { name: 'order', data: t.partial({ size: t.string }), start: 'size' },
 *   {
 *     size: ask({
 *       fields: ['size'],
 *       prompt: text('size'),
 *       read: size => accept({ size }),
 *       next: end()
 *     })
 *   }
 * )
 */
export function defineFlow<
  N extends string,
  C extends Core = Core<never, never>,
  D = NoData,
  R = never
>(
  head: FlowHead<C, D, R, NoInfer<N>>,
  steps: { readonly [K in N]: StepLike<NoInfer<C>, NoInfer<D>, NoInfer<N>> }
): Flow<C, R> {
  return Object.freeze({
    name: head.name,
    version: head.version ?? 1,
    stage: head.stage ?? 'MENU',
    start: head.start,
    data: (head.data ?? t.strict({})) as t.Type<unknown, unknown>,
    returns: (head.returns ?? null) as t.Type<unknown, unknown> | null,
    upgrade: head.upgrade ?? null,
    resume: head.resume ?? null,
    retired: head.retired ?? null,
    quiet: head.quiet ?? [],
    undelivered: head.undelivered ?? null,
    steps: Object.freeze({ ...steps })
  })
}
