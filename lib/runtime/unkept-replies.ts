import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import { type Cell, sentThrough } from './cell.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import { heldBack } from './recovery/held-back.ts'
import { type ParkedReply, refusalOf, toBeParked } from './refused-replies.ts'
import { REPLY } from './rows.ts'

/** So many refused replies of a conversation wait for an operator at most. */
const OPEN_REPLIES = 20

/** From the oldest open event on, the parked rows that a refused reply may bring them to. */
const ROWS_FROM_EVENT = 80

/**
 * Lets go of the copies of refused replies for which there is no room beside what is parked: they
 * are acknowledged as if they had been sent.
 *
 * What is read here is true for the commit that follows: whoever parks more commits, too.
 */
export async function makeRoom(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  deadlineMs: number
): Promise<void> {
  if (toBeParked(cell, memory).length === 0) return
  const read = () => parts.store.parked(cell.id)
  const rows = await parts.gate.patiently(cell.id, deadlineMs, read)
  letGo(parts, cell, toBeParked(cell, memory).slice(roomBeside(rows)), 'too many are parked')
}

/**
 * How many refused replies may be parked beside these rows, so that no open event is pushed out by
 * them, and that each has room for events behind it.
 */
export function roomBeside(rows: readonly string[]): number {
  const open = rows.map(kindOf)
  const replies = open.filter(kind => kind === 'reply').length
  const event = open.indexOf('event')
  const behind = event < 0 ? 0 : rows.length - event
  return Math.max(0, Math.min(OPEN_REPLIES - replies, ROWS_FROM_EVENT - behind))
}

/** True when no commit may park refused replies, whatever the store does. */
export function isParkingHeldBack(cell: Cell, memory: Memory): boolean {
  const [first] = toBeParked(cell, memory)
  if (first === undefined) return false
  const event: TurnEvent = refusalOf(first)
  return heldBack(memory, { event, fromInbox: false, parked: null, fault: null }) !== null
}

/**
 * Lets go of copies that cannot be parked, so that what was sent beside them is acknowledged: else
 * another process would send that once more. Where nothing was, they stay owed.
 */
export function spareDoubles(parts: Parts, cell: Cell, memory: Memory, reason: string): void {
  const through = sentThrough(cell, memory.fence?.epoch ?? '')
  const refused = toBeParked(cell, memory)
  const owed = memory.undelivered.filter(({ sequence }) => sequence <= through)
  if (refused.length < owed.length) letGo(parts, cell, refused, reason)
}

function letGo(parts: Parts, cell: Cell, gone: readonly ParkedReply[], reason: string): void {
  const { id: conversation, address } = cell
  for (const { refused } of gone) {
    const { key, why } = refused
    cell.refused = cell.refused.filter(other => other !== refused)
    parts.log.warn({ event: 'reply.unkept', conversation, key, why, reason }, 'it is not parked')
    const channel = address?.channel ?? ''
    parts.listeners.emit('undeliverable', { conversation, channel, key, why, parked: false })
  }
}

const Row = t.partial({ kind: t.string, done: t.unknown })

/** What a row is that nobody has settled; what cannot be read counts as an event. */
function kindOf(text: string): 'reply' | 'event' | 'settled' {
  const parsed = parse(text)
  const row = isRight(parsed) ? Row.decode(parsed.right) : parsed
  if (!isRight(row)) return 'event'
  if (row.right.done !== undefined) return 'settled'
  return row.right.kind === REPLY ? 'reply' : 'event'
}
