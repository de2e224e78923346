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

/** So many of these rows may be replies, settled or not: 59 newer events have room behind it. */
const REPLIES_FROM_EVENT = 40

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
  const known = rows.map(kindOf)
  const open = known.filter(({ isReply, isSettled }) => isReply && !isSettled).length
  const event = known.findIndex(({ isReply, isSettled }) => !isReply && !isSettled)
  const behind = event < 0 ? [] : known.slice(event)
  const replies = behind.filter(({ isReply }) => isReply).length
  const most = Math.min(ROWS_FROM_EVENT - behind.length, REPLIES_FROM_EVENT - replies)
  return Math.max(0, Math.min(OPEN_REPLIES - open, most))
}

/** Why no event of the runtime may park refused replies, whatever the store does; else null. */
export function whyUnparkable(cell: Cell, memory: Memory): string | null {
  const [first] = toBeParked(cell, memory)
  if (first === undefined) return null
  const event: TurnEvent = refusalOf(first)
  if (event.id === cell.unparkable) return 'the bot fails on it'
  const isBack = heldBack(memory, { event, fromInbox: false, parked: null, fault: null }) !== null
  return isBack ? 'the record cannot be read here' : null
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

/** What a row is; what cannot be read counts as an open event. */
function kindOf(text: string): { readonly isReply: boolean; readonly isSettled: boolean } {
  const parsed = parse(text)
  const row = isRight(parsed) ? Row.decode(parsed.right) : parsed
  if (!isRight(row)) return { isReply: false, isSettled: false }
  return { isReply: row.right.kind === REPLY, isSettled: row.right.done !== undefined }
}
