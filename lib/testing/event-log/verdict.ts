import type { EventLine } from './event-line.ts'
import type { Landed, Ledger } from './ledger.ts'

/** The invariants and the liveness checks, by number. */
export const INVARIANTS = {
  I1: 'an outside id takes effect at most once',
  I2: 'what was acknowledged is in the history',
  I3: 'versions rise by one, without a gap',
  I4: 'each state was decided on the one before',
  I5: 'replies are first offered in the order of their commits',
  I6: 'only committed replies are offered, as they were committed',
  I7: 'what was acknowledged comes before what arrived later',
  I8: 'no version is committed twice',
  I9: 'a call is made for a stored intent, with one input, and never after its result',
  I10: 'a timer fires at most once, never early, never when it is not set',
  I11: 'a rollback of the store is told before anything is built on it, and no other',
  I12: 'nothing of one conversation stands in another',
  I13: 'no secret and no text stands in a line',
  I14: 'the numbers of one conversation agree',
  I15: 'what an operator ordered holds: held, moved back, erased',
  I16: 'a failure of the bot is met as the policy says',
  I17: 'while one process sends a reply, no other begins to',
  L1: 'every message, call and timer comes to its end in time',
  L2: 'every committed reply is offered until the channel takes it',
  L3: 'nothing is left running',
  L4: 'no fault leaves its conversation'
} as const

export type InvariantName = keyof typeof INVARIANTS

export interface Violation {
  readonly invariant: InvariantName
  readonly conversation: string | null
  readonly detail: string
  /** Number of the line at which it was seen; null for what is missing at the end. */
  readonly line: number | null
}

/** Told of a violation. */
export type Accuse = (
  invariant: InvariantName,
  line: Pick<EventLine, 'conv' | 'line'> | { readonly conv: string; readonly line: null },
  detail: string
) => void

/** A line, with what it says of the store. */
export interface Step {
  readonly line: EventLine
  /** What is known to have landed since this line, and what it landed on. */
  readonly landed: Landed | null
  readonly before: Landed | undefined
  /** What a rollback of the store took away. */
  readonly lost: readonly Landed[]
}

/** What rules are made of. */
export interface Court {
  readonly ledger: Ledger
  readonly accuse: Accuse
  /** The log has the store's own lines: what landed is known at once and in order. */
  readonly hasStore: boolean
}

/** One group of checks: sees every line in order, then the end. */
export interface Rule {
  take(step: Step): void
  /** `isHealed`: the faults are over, and everything had its time to end. */
  end(isHealed: boolean): void
}
