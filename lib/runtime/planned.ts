import type { AuditNote, CallIntent } from '../conversation/decision.ts'
import type { ConversationRecord, Held } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import type { OutsideEvent, TurnEvent } from '../conversation/turn-event.ts'
import type { Failure } from '../kernel/failure.ts'
import type { Deferral } from '../store/conversation-store.ts'
import type { Fault, Parking } from './cell.ts'

/** What a turn is about. */
export interface Cause {
  readonly event: TurnEvent
  /** The event is the first inbox row, which the commit takes. */
  readonly fromInbox: boolean
  /** Deciding this event failed too often: it is parked, with a reset unless that failed too. */
  readonly parked: { readonly how: Parking; readonly why: Failure } | null
  /** How deciding this event failed before; null when it did not. */
  readonly fault: Fault | null
}

/** One decided event of a turn; a commit may hold several. */
export interface Step {
  readonly event: TurnEvent
  /** Id of the outside event at its root. */
  readonly root: string
  readonly replies: readonly Reply[]
  readonly record: ConversationRecord
}

/** A decided turn, before anything was stored. */
export interface Plan {
  readonly before: ConversationRecord | null
  readonly next: ConversationRecord
  readonly steps: readonly Step[]
  readonly call: CallIntent | null
  /** Root event of the call. */
  readonly callCause: string
  readonly audit: readonly AuditNote[]
  readonly taken: number
  /** The event itself waits in the inbox; the commit only says so to the member. */
  readonly append: OutsideEvent | null
  readonly held: Held | null
}

export type Planned =
  | { readonly tag: 'plan'; readonly plan: Plan }
  | {
      readonly tag: 'defer'
      readonly event: OutsideEvent
      readonly why: Deferral['row']['why']
    }
  | { readonly tag: 'ignore'; readonly why: string }
