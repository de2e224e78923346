import type { Channel } from '../channel/channel.ts'
import type { ReplyRefused } from '../conversation/turn-event.ts'
import type { Queued } from '../outbox/lane.ts'
import { BOUNDS } from '../store/conversation-store.ts'
import { type Cell, type RefusedReply, sentThrough } from './cell.ts'
import type { Memory, Undelivered } from './memory.ts'
import type { Parts } from './parts.ts'
import { replyKey } from './reply-key.ts'

/** A reply that a commit parks and acknowledges: as it is owed, and why nobody takes it. */
export interface ParkedReply {
  readonly owed: Undelivered
  readonly refused: RefusedReply
}

/** What a commit says of the replies before it: how far they are done with, and which it parks. */
export interface Acknowledging {
  readonly through: number
  readonly parked: readonly ParkedReply[]
}

/** Notes that the channel will never take a reply, before that is noted as done with. */
export function noteRefused(
  cell: Cell,
  { epoch, sequence, key }: Queued,
  why: string,
  code: string | null
): void {
  // Those that are parked stay known: a store that lost their commit has them parked anew.
  const others = cell.refused.filter(other => other.epoch === epoch && other.key !== key)
  const refused = { epoch, sequence, key, why, code }
  cell.refused = [...others, refused].slice(-BOUNDS.undeliveredRows)
}

/** The replies up to this number that are owed and refused: what acknowledges them parks them. */
export function refusedAmong(
  { id, refused }: Pick<Cell, 'id' | 'refused'>,
  { fence, undelivered }: Pick<Memory, 'fence' | 'undelivered'>,
  through: number
): readonly ParkedReply[] {
  if (refused.length === 0 || fence === null) return NONE
  const { epoch } = fence
  return undelivered.flatMap(owed => {
    if (owed.sequence > through) return []
    const known = refused.find(other => other.epoch === epoch && other.sequence === owed.sequence)
    return known?.key === replyKey(id, epoch, owed) ? [{ owed, refused: known }] : []
  })
}

/** What must be parked before all that the channel took or refused can be acknowledged. */
export function toBeParked(cell: Cell, memory: Memory): readonly ParkedReply[] {
  return refusedAmong(cell, memory, sentThrough(cell, memory.fence?.epoch ?? ''))
}

/** True while the reply of this event is owed: whoever parked it has acknowledged it. */
export function isStillOwed(
  conversation: string,
  { fence, undelivered }: Pick<Memory, 'fence' | 'undelivered'>,
  { sequence, key }: ReplyRefused
): boolean {
  const owed = undelivered.find(row => row.sequence === sequence)
  return owed !== undefined && replyKey(conversation, fence?.epoch ?? '', owed) === key
}

/** The event by which a refused reply is parked when no other commit does it. */
export function refusalOf({ owed: { sequence }, refused: { key } }: ParkedReply): ReplyRefused {
  return { kind: 'ReplyRefused', id: `${key}.refused`, sequence, key }
}

/** Refusals of one channel for one reason are one cause: the provider's code, else its words. */
export function causeOfRefusal(
  { name }: Pick<Channel, 'name'>,
  { why, code }: Pick<RefusedReply, 'why' | 'code'>
): string {
  return `CHP_REPLY_REFUSED ${name} ${code ?? why}`
}

/** Says, once it is committed, which refused replies were parked. */
export function tellParked(
  { log }: Pick<Parts, 'log'>,
  { id: conversation }: Pick<Cell, 'id'>,
  replies: readonly ParkedReply[]
): void {
  for (const { refused } of replies) {
    const { key, why } = refused
    log.info({ event: 'reply.parked', conversation, key, why }, 'kept for an operator')
  }
}

const NONE: readonly ParkedReply[] = []
