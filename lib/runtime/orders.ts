import type { At, AuditNote, Decision } from '../conversation/decision.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import {
  isHoldCommand,
  isOrder,
  type Order,
  type OutsideEvent,
  type ReplyRefused,
  type TurnEvent
} from '../conversation/turn-event.ts'
import { holding } from './hold.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import { rolledBack } from './roll-back.ts'

/** An event that the runtime itself takes, without asking the bot. */
export type Own = Order | ReplyRefused

/** True for what an operator orders, and for a reply that the channel will never take. */
export function isOwn(event: TurnEvent): event is Own {
  return isOrder(event) || event.kind === 'ReplyRefused'
}

/** What becomes of a conversation by such an event. */
export function obeyed(
  parts: Parts,
  memory: Memory,
  state: ConversationRecord,
  event: Own,
  at: At
): Exclude<Decision, { tag: 'defer' }> {
  // What is refused is parked by the commit itself, as by any that acknowledges it.
  if (event.kind === 'ReplyRefused') return asItIs(state)
  if (isHoldCommand(event)) return holding(parts, memory, state, event, at)
  if (event.command === 'rollback') return rolledBack(parts.program, memory, state, event, at)
  const { command, by, reason, parked } = event
  const kind = command === 'discard' ? ('discarded' as const) : ('redriven' as const)
  const audit: readonly AuditNote[] = [{ kind, parked, by, reason }]
  const replies = command === 'resend' ? [event.owed.reply] : []
  return { ...asItIs(state), replies, audit }
}

/** The state stays, and nothing is said. */
export function asItIs(state: ConversationRecord): Extract<Decision, { tag: 'commit' }> {
  return { tag: 'commit', next: state, replies: [], call: null, audit: [] }
}

/** The event that an order puts into the inbox; null for none. */
export function redriven(order: TurnEvent): OutsideEvent | null {
  if (!isOrder(order) || order.command !== 'redrive') return null
  const { event } = order
  return event.kind === 'Inbound' ? { ...event, again: true } : event
}
