import * as t from 'io-ts'
import { Secret } from '../kernel/secret.ts'
import { Content } from './content.ts'
import { FlowFrame } from './record.ts'
import { Reply } from './reply.ts'

/**
 * A member's message. `arrivedAtMs` is store time at arrival, which decides whether it is late.
 * `again` is set on one that an operator runs again: the bot is to answer it, whenever it was said.
 */
export const Inbound = t.exact(
  t.intersection([
    t.type({
      kind: t.literal('Inbound'),
      id: t.string,
      content: Content,
      arrivedAtMs: t.number
    }),
    t.partial({ again: t.literal(true) })
  ]),
  'Inbound'
)
export interface Inbound extends t.TypeOf<typeof Inbound> {}

/**
 * The host bot speaks first; `event` names an entry of the bot's `on`. `waited` is set on one that
 * was taken before and waited in the inbox since.
 */
export const Told = t.exact(
  t.intersection([
    t.type({
      kind: t.literal('Told'),
      id: t.string,
      event: t.string,
      data: t.unknown,
      arrivedAtMs: t.number
    }),
    t.partial({ waited: t.literal(true) })
  ]),
  'Told'
)
export interface Told extends t.TypeOf<typeof Told> {}

/** How an outside call ended. Only `answered` carries what the outside service said. */
export type CallResult =
  | { readonly tag: 'answered'; readonly outcome: string; readonly output: unknown }
  /** Every attempt failed; with `unknown` the effect may have happened. */
  | { readonly tag: 'unreachable'; readonly known: 'not-done' | 'unknown' }
  /** The outside service no longer knows the member: sign out, then register. */
  | { readonly tag: 'memberUnknown'; readonly known: 'not-done' | 'unknown' }

/** The result of a call, fed back to the conversation that started it. */
export interface CallSettled {
  readonly kind: 'CallSettled'
  readonly id: string
  readonly key: string
  readonly result: CallResult
  /** A token renewed while the call ran; written through the core accessor in the same commit. */
  readonly renewed: Secret | null
  readonly attempts: number
}

/** A timer of the conversation fell due; it counts only while that timer is still set. */
export interface TimerDue {
  readonly kind: 'TimerDue'
  readonly id: string
  readonly timer: string
  readonly dueMs: number
}

const ordered = { kind: t.literal('OperatorCommand'), id: t.string, by: t.string }

/** Where what an order is about was found: a store that has lost that has another history. */
const found = {
  /** The incarnation. */
  epoch: t.string,
  /** The newest commit at that time. */
  read: t.string
}

/** The dialogue goes back to where it stood at a version; what that was is found out before. */
const RollbackCommand = t.strict(
  {
    ...ordered,
    command: t.literal('rollback'),
    reason: t.string,
    ...found,
    version: t.number,
    /** The frame of that version. */
    flow: FlowFrame,
    /** A member was signed in then. */
    signedIn: t.boolean,
    /** Also when an effect was begun since. */
    acrossEffects: t.boolean
  },
  'RollbackCommand'
)
export interface RollbackCommand extends t.TypeOf<typeof RollbackCommand> {}

/** The conversation is held: what comes in waits in order, until `resume`. */
const HoldCommand = t.strict(
  { ...ordered, command: t.union([t.literal('hold'), t.literal('resume')]), reason: t.string },
  'HoldCommand'
)
export interface HoldCommand extends t.TypeOf<typeof HoldCommand> {}

/** What was parked waits in the inbox again, behind what waits already; `parked` names its row. */
const RedriveCommand = t.strict(
  {
    ...ordered,
    command: t.literal('redrive'),
    reason: t.string,
    ...found,
    parked: t.string,
    event: t.union([Inbound, Told])
  },
  'RedriveCommand'
)
export interface RedriveCommand extends t.TypeOf<typeof RedriveCommand> {}

/** A parked reply is owed again, under the key it was offered under, behind those that wait. */
const ResendCommand = t.strict(
  {
    ...ordered,
    command: t.literal('resend'),
    reason: t.string,
    ...found,
    parked: t.string,
    owed: t.exact(
      t.intersection([
        // The event that it answered, and the prompt it bears where somebody asks about that.
        t.type({ key: t.string, cause: t.string, reply: Reply }),
        t.partial({ prompt: t.string })
      ])
    )
  },
  'ResendCommand'
)
export interface ResendCommand extends t.TypeOf<typeof ResendCommand> {}

/** What was parked is not run again, and the history says why. */
const DiscardCommand = t.strict(
  { ...ordered, command: t.literal('discard'), reason: t.string, ...found, parked: t.string },
  'DiscardCommand'
)
export interface DiscardCommand extends t.TypeOf<typeof DiscardCommand> {}

/** A command that the runtime itself obeys. */
export type Order = RollbackCommand | HoldCommand | RedriveCommand | ResendCommand | DiscardCommand

/** An operator moves the conversation. `by` names the person or tool. */
export const OperatorCommand = t.union(
  [
    t.strict({ ...ordered, command: t.literal('reset') }),
    RollbackCommand,
    HoldCommand,
    RedriveCommand,
    ResendCommand,
    DiscardCommand
  ],
  'OperatorCommand'
)
export type OperatorCommand = t.TypeOf<typeof OperatorCommand>

/** What became of a reply after the channel took it; `rank` only rises. */
export interface DeliveryUpdate {
  readonly kind: 'DeliveryUpdate'
  readonly id: string
  readonly providerId: string
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly code: string | null
  /** The prompt instance that the message bears; null where only the provider speaks. */
  readonly prompt: string | null
}

/**
 * The channel will never take this reply: it is parked by the commit that acknowledges it. The
 * runtime takes it itself; no bot is asked.
 */
export interface ReplyRefused {
  readonly kind: 'ReplyRefused'
  readonly id: string
  /** The reply's number, and the key it was offered under. */
  readonly sequence: number
  readonly key: string
}

/** What a turn consumes: a closed union, each with an id. */
export type TurnEvent =
  | Inbound
  | CallSettled
  | TimerDue
  | OperatorCommand
  | DeliveryUpdate
  | ReplyRefused
  | Told

/** The events that come from outside and therefore enter the dedupe window. */
export type OutsideEvent = Inbound | OperatorCommand | Told

/** True for events whose id is remembered in the dedupe window (design 4.1). */
export function isFromOutside(event: TurnEvent): event is OutsideEvent {
  return event.kind === 'Inbound' || event.kind === 'OperatorCommand' || event.kind === 'Told'
}

/** True for a command that the runtime itself obeys, before all that waits. */
export function isOrder(event: TurnEvent): event is Order {
  return event.kind === 'OperatorCommand' && event.command !== 'reset'
}

/** True for the command that lets a parked reply be offered again. */
export function isResendCommand(event: TurnEvent): event is ResendCommand {
  return isOrder(event) && event.command === 'resend'
}

/** True for the commands that hold a conversation and let it go on. */
export function isHoldCommand(event: TurnEvent): event is HoldCommand {
  return isOrder(event) && (event.command === 'hold' || event.command === 'resume')
}
