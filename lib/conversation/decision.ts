import type { ConversationRecord, Core } from './record.ts'
import type { Reply } from './reply.ts'
import type { TurnEvent } from './turn-event.ts'

/** The instant of a turn, as plain values, so that deciding stays a pure function. */
export interface At {
  /** Store time. */
  readonly nowMs: number
  /** Derived from the event id: the same event draws the same numbers. */
  readonly seed: number
  /** The commit this decision will become; prompt instances are named after it. */
  readonly commit: { readonly epoch: string; readonly version: number; readonly nonce: string }
}

/** An outside request the turn wants made; committed as an intent before anything is sent. */
export interface CallIntent {
  readonly name: string
  readonly input: unknown
  /** The confirm's prompt instance for a signed call, else the id of the event. */
  readonly origin: string
  readonly effect: boolean
}

/** A line of the conversation's history beside the state itself. */
export type AuditNote =
  | {
      readonly kind: 'moved'
      readonly from: string
      readonly to: string
      readonly by:
        | 'flow'
        | 'command'
        | 'expiry'
        | 'reset'
        | 'recovery'
        | 'retired'
        | 'relogin'
        | 'operator'
    }
  | { readonly kind: 'signed'; readonly instance: string; readonly option: string }
  | { readonly kind: 'refusedMove'; readonly from: string; readonly to: string }
  | { readonly kind: 'dropped'; readonly fields: readonly string[]; readonly why: string }
  | {
      readonly kind: 'callSettled'
      readonly name: string
      readonly key: string
      readonly outcome: string
      readonly attached: boolean
      /** Tries until it ended; 0 when nobody can tell. */
      readonly attempts: number
      /** Its token was refused and renewed on the way. */
      readonly renewed: boolean
    }
  | { readonly kind: 'callDetached'; readonly name: string; readonly key: string }
  /** The record was brought from one schema of the bot to another. */
  | { readonly kind: 'migrated'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'parked'
      readonly code: string
      readonly event: string
      /** The conversation stayed where it was, without a reset. */
      readonly kept?: true
    }
  | FailedNote
  | {
      readonly kind: 'rolledBack'
      readonly version: number
      readonly by: string
      readonly reason: string
      readonly acrossEffects: boolean
    }
  | { readonly kind: 'held' | 'resumed'; readonly by: string; readonly reason: string }
  /** A step gave the conversation to a person; it came back without an operator's word. */
  | { readonly kind: 'handedOver' | 'handedBack'; readonly by: string; readonly reason: string }
  | {
      readonly kind: 'redriven' | 'discarded'
      readonly parked: string
      readonly by: string
      readonly reason: string
    }
  /** The message was said to a person, who had the conversation: the bot takes nothing of it. */
  | { readonly kind: 'saidToPerson'; readonly event: string }
  /** The channel will never take this reply: it is parked, and no longer owed. */
  | { readonly kind: 'replyParked'; readonly reply: string; readonly why: string }
  | SetAsideNote
  | RungNote

/** An event failed before this commit: what was done about each failure, and why. */
export interface FailedNote {
  readonly kind: 'failed'
  readonly event: string
  readonly code: string
  /** Shared by failures that have one reason. */
  readonly cause: string
  /** Directives, in order; the last one led to this commit unless the event was decided at last. */
  readonly done: readonly string[]
  /** The last one that the policy named, and its rule; null where the ladder decided. */
  readonly directive: string
  readonly rule: number | null
  readonly why: string
}

/** A damaged row beside the record: parked as it was found, for nobody can read it any more. */
export interface SetAsideNote {
  readonly kind: 'setAside'
  readonly what: 'reply' | 'inbox' | 'call'
  /** The sequence number of a reply, the key of a call; of a waiting message nothing is known. */
  readonly id: string
  /** The rule it breaks. */
  readonly rule: string
}

/** One rung of the recovery ladder: what was tried on damage, and what came of it. */
export interface RungNote {
  readonly kind: 'recovery'
  /** 1: the newest record. 2: an older one. 3: the menu with the core kept. 4: a new core. */
  readonly rung: 1 | 2 | 3 | 4
  readonly passed: boolean
  /** The first field that failed, and the rule it broke; null when the rung held. */
  readonly field: string | null
  readonly rule: string | null
  /** Version of the record gone on with, on rung 2. */
  readonly version: number | null
}

/** What a turn decided, as plain data that nobody has acted on yet. */
export type Decision<C extends Core = Core> =
  | {
      readonly tag: 'commit'
      /** The next state, without the new call: the runtime adds it together with its key. */
      readonly next: ConversationRecord<C>
      readonly replies: readonly Reply[]
      /** At most one new call; it becomes the attached one. */
      readonly call: CallIntent | null
      readonly audit: readonly AuditNote[]
      /**
       * Set: a step gives the conversation to a person, and what comes in waits. Null: it takes the
       * conversation back. Default: as it was.
       */
      readonly handover?: { readonly by: string } | null
    }
  /** The event must wait in the inbox (a call is attached); `progress` tells the member once. */
  | { readonly tag: 'defer'; readonly why: 'call'; readonly progress: Reply | null }
  /** The event no longer means anything: a timer not set, a call not open. Nothing is written. */
  | { readonly tag: 'ignore'; readonly why: string }

/** Decides one event: synchronous, total, deterministic; safe to run again on fresher state. */
export type Decide<C extends Core = Core> = (
  state: ConversationRecord<C>,
  event: TurnEvent,
  at: At
) => Decision<C>
