import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type * as t from 'io-ts'
import type { Secret } from '../kernel/secret.ts'
import type { Address } from './address.ts'
import type { At, Decide, Decision } from './decision.ts'
import type { Migration } from './migration.ts'
import type { ConversationRecord, Core, FlowFrame } from './record.ts'
import type { Reply } from './reply.ts'
import type { RollbackCommand, TurnEvent } from './turn-event.ts'

/** Why one attempt of a call failed. */
export type CallFailure =
  /** Nothing was done; worth another attempt. */
  | { readonly tag: 'unavailable'; readonly detail: string }
  /** It may have been done; another attempt with the same key tells. */
  | { readonly tag: 'unknown'; readonly detail: string }
  /** The token was refused: log in again, then repeat once. */
  | { readonly tag: 'unauthorised' }
  /** The outside service answered something that is no answer; worth another attempt. */
  | { readonly tag: 'badAnswer'; readonly detail: string }

/** What a running call is given besides its input. */
export interface CallContext {
  /** The idempotency key: the same for every attempt, also after a crash. */
  readonly key: string
  readonly token: Secret | null
  /** Aborted when the time limit of the attempt passes. */
  readonly signal: AbortSignal
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** What a call gave back: one of its declared outcomes, with that outcome's data. */
export interface CallAnswer {
  readonly outcome: string
  readonly output: unknown
}

/** An outside request the bot declares by name. */
export interface CallDefinition {
  readonly name: string
  /** True when the call changes something outside: it is never dropped and never signed twice. */
  readonly effect: boolean
  readonly input: t.Type<unknown, unknown>
  /** Codec of each outcome's data; an answer outside them is a failed attempt. */
  readonly outcomes: Readonly<Record<string, t.Type<unknown, unknown>>>
  /** Attempts in all, the first included; default 3. */
  readonly attempts: number
  /** Limit of one attempt; default 10,000 ms. */
  readonly timeoutMs: number
  /** Failed attempts in a row that stop this call name for `openMs`; default 10, for 10,000 ms. */
  readonly breaker?: { readonly failures: number; readonly openMs: number }
  /** What follows an attempt that may have been done; default `retry-with-key`. */
  readonly unknown?: UnknownOutcome
  run(input: unknown, context: CallContext): TaskEither<CallFailure, CallAnswer>
  /** Asks what became of the call with this key; null says that it was not done. */
  readBack?(input: unknown, context: CallContext): TaskEither<CallFailure, CallAnswer | null>
}

/**
 * What follows an attempt of a call that may have been done.
 *
 * `retry-with-key`: the same call with the same key, for services that honour keys. `read-back`:
 * `readBack` is asked, and the call is made again only when that says it was not done.
 * `ask-operator`: it is never made again; the flow goes on as unreachable, and an alarm
 * (`CHP_CALL_UNRESOLVED`) asks a person to look.
 */
export type UnknownOutcome = 'retry-with-key' | 'read-back' | 'ask-operator'

/** How a refused token is renewed: a login made on behalf of the member, outside any flow. */
export interface Relogin<C extends Core = Core> {
  readonly call: string
  input(core: C): unknown
  /** The new token from an answer, `memberUnknown`, or null when the answer has neither. */
  token(answer: CallAnswer): Secret | 'memberUnknown' | null
}

/** What the supervision policy asks of a reset. */
export interface ResetWay {
  /** Where to, instead of the menu. */
  readonly to: { readonly flow: string; readonly step: string } | null
  /** What the member is told, instead of the bot's own apology. */
  readonly apology: string | null
}

/**
 * A bot as the runtime sees it: how to begin, how to decide, which calls it may make.
 *
 * `defineBot` makes one from flows; a host may also write `decide` by hand.
 */
export interface Program<C extends Core = Core> {
  readonly name: string
  readonly schema: number
  /** Steps from older schemas to this one, and back; default none. */
  readonly migrations?: readonly Migration[]
  /** The codec of the bot's records; it alone knows what their core is. */
  readonly record: t.Type<ConversationRecord, unknown>
  /** The state of a conversation nobody has spoken in yet. */
  initial(address: Address, at: At): ConversationRecord<C>
  decide(...turn: Parameters<Decide<C>>): Decision<C>
  /** MENU with core kept and one apology; total, for it is what remains when deciding failed. */
  reset(state: ConversationRecord<C>, event: TurnEvent, at: At, way?: ResetWay): Decision<C>
  /** Why a reset cannot lead to this flow and step, or null; default: it never can. */
  unresettable?(to: { readonly flow: string; readonly step: string }): string | null
  /**
   * Goes on from an older frame, its prompt opened anew; `ignore` says why it cannot. Core and
   * calls stay, no call is awaited, none is made. Default: the frame under a new prompt instance,
   * and nothing is said.
   */
  restore?(
    state: ConversationRecord<C>,
    frame: FlowFrame,
    event: RollbackCommand,
    at: At
  ): Decision<C>
  /** The prompt whose message must be told as taken or failed, or null; default none ever is. */
  tracks?(state: ConversationRecord<C>): string | null
  /** What a member who writes to a held conversation hears, once; default nothing. */
  held?(state: ConversationRecord<C>): Reply
  /** `FLOW.step` as it stands in history rows and logs, and the stage derived from the flow. */
  place(state: ConversationRecord<C>): { stage: string; flow: string; step: string }
  /** What is wrong with this flow frame for this build, or null; data is checked by its codec. */
  invalid(state: ConversationRecord<C>): string | null
  readonly calls: Readonly<Record<string, CallDefinition>>
  readonly relogin: Relogin<C> | null
}
