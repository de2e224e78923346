import { failureOf } from '../kernel/failure.ts'
import type { UndeliveredRow } from '../store/conversation-store.ts'
import { type Cell, forgetSent } from './cell.ts'
import { isOurs } from './ours.ts'
import type { Parts } from './parts.ts'
import { toBeParked } from './refused-replies.ts'
import { isUnknown, rolledBack } from './rolled-back.ts'

/**
 * Notes that the channel took replies; written with the next commit, or soon by itself.
 *
 * Until it is written the cell stays alive: only it knows that those replies are not owed.
 */
export function noteSent(parts: Parts, cell: Cell, epoch: string, last: UndeliveredRow): void {
  const { sequence: through, row } = last
  const { memory, sent } = cell
  if (sent.epoch === epoch && sent.through >= through) return
  // A late word about an incarnation that is gone must not undo what is known of this one.
  if (memory !== null && memory.fence?.epoch !== epoch) return
  if (memory !== null && isUnknown(memory, last)) {
    rolledBack(parts, cell)
    cell.memory = null
    return
  }
  cell.sent = { epoch, through, row }
  // Who commits next elsewhere would first wait for this acknowledgement.
  const isUrgent = cell.shared > 0 || isAwaited(parts, cell, through)
  if (isUrgent) void parts.push(cell.id, 'flush')
  acknowledgeSoon(parts, cell)
}

/** Sets the time by which what was sent is acknowledged, unless it is set. */
export function acknowledgeSoon(parts: Parts, cell: Cell): void {
  cell.flush ??= later(parts, cell, parts.limits.acknowledgeWithinMs)
}

/** True when nothing that is to be acknowledged must be parked before. */
export function isAllParked(cell: Cell): boolean {
  const { refused, memory } = cell
  if (refused.length === 0) return true
  return memory !== null && toBeParked(cell, memory).length === 0
}

/** What was sent cannot be acknowledged now: it is tried again after a while. */
export function acknowledgeLater(parts: Parts, cell: Cell): void {
  cell.flush?.()
  cell.flush = later(parts, cell, parts.limits.sweepEveryMs)
}

/** The next reply is another process's to send, which it does when it sees that ours are gone. */
function isAwaited(parts: Parts, { memory }: Cell, through: number): boolean {
  const next = memory?.undelivered.find(({ sequence }) => sequence > through)
  return next !== undefined && !isOurs(parts, next)
}

/** A commit carried the acknowledgement, so that no write of its own is needed. */
export function carried(cell: Cell, epoch: string, acknowledgedThrough: number): void {
  const { sent, flush } = cell
  if (flush === null || sent.epoch !== epoch || sent.through > acknowledgedThrough) return
  flush()
  cell.flush = null
}

/** Writes what was acknowledged; runs in the actor, so that no commit comes between. */
export async function flush(parts: Parts, cell: Cell): Promise<void> {
  const { sent } = cell
  cell.flush?.()
  // One more may have been refused since the others were parked.
  if (!isAllParked(cell)) {
    cell.flush = later(parts, cell, parts.limits.acknowledgeWithinMs)
    return
  }
  try {
    const known = cell.memory?.fence?.epoch === sent.epoch ? cell.memory.acknowledgedThrough : 0
    if (known < sent.through) await write(parts, cell, sent)
    const isDone = cell.sent === sent || cell.flush === null
    cell.flush = isDone ? null : later(parts, cell, parts.limits.acknowledgeWithinMs)
  } catch (error) {
    // The rows stay undelivered in the store until this is repeated, or a commit carries it.
    const code = failureOf(error)?.code
    const level = parts.gate.isAway(cell.id) ? 'debug' : 'warn'
    parts.log[level]({ event: 'acknowledge.failed', conversation: cell.id, code }, 'repeated soon')
    acknowledgeLater(parts, cell)
  }
}

async function write(
  parts: Parts,
  cell: Cell,
  { epoch, through, row }: Cell['sent']
): Promise<void> {
  const outcome = await parts.store.acknowledged(cell.id, epoch, { sequence: through, row })
  if (outcome !== 'done') {
    // Another reply, or none, stands where ours stood: what we sent is of a branch that is lost.
    if (outcome === 'conflict') rolledBack(parts, cell)
    forgetSent(cell)
    cell.memory = null
    return
  }
  const { memory } = cell
  if (memory?.fence?.epoch !== epoch) return
  const undelivered = memory.undelivered.filter(({ sequence }) => sequence > through)
  const acknowledgedThrough = Math.max(memory.acknowledgedThrough, through)
  cell.memory = { ...memory, undelivered, acknowledgedThrough }
}

function later({ clock, push }: Parts, cell: Cell, afterMs: number): () => void {
  return clock.after(afterMs, () => void push(cell.id, 'flush'))
}
