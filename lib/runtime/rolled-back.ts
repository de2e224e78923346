import {
  BOUNDS,
  type CommitOutcome,
  type Loaded,
  type UndeliveredRow
} from '../store/conversation-store.ts'
import { isFirstEpoch } from '../store/identity.ts'
import { type Cell, forgetSent, sentThrough } from './cell.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'

/** The store holds less than this process saw committed: said once, nothing of it believed. */
export function rolledBack(parts: Parts, cell: Cell): void {
  forgetSent(cell)
  parts.outbox.forget(cell.id)
  if (cell.rollbackTold) return
  cell.rollbackTold = true
  parts.log.error({ event: 'store.rollback', conversation: cell.id }, 'the store rolled back')
  parts.listeners.emit('rollback', { conversation: cell.id })
}

/** The newest record and the newest history row are not of the same commit. */
export function isTorn({ fence, newestHead }: Loaded): boolean {
  return fence !== null && fence.version > 0 && newestHead !== null && newestHead !== fence.head
}

/** The store knows less than this process saw: of commits, or of replies that were sent. */
export function isBehind(cell: Cell, loaded: Loaded): boolean {
  const { fence, undelivered, acknowledgedThrough } = loaded
  if (isWithoutSeen(cell, loaded)) return true
  if (fence === null) return false
  const through = sentThrough(cell, fence.epoch)
  return isUnknown({ undelivered, acknowledgedThrough }, { sequence: through, row: cell.sent.row })
}

/** A reply that was sent is not among those that are owed, nor was it acknowledged. */
export function isUnknown(
  { undelivered, acknowledgedThrough }: Pick<Loaded, 'undelivered' | 'acknowledgedThrough'>,
  { sequence, row }: UndeliveredRow
): boolean {
  const known = undelivered.find(other => other.sequence === sequence)
  return sequence > acknowledgedThrough && known?.row !== row
}

/** The newest commit this process saw is not there, nor anything that came after it. */
function isWithoutSeen({ seen, seenMs }: Cell, { fence, nowMs }: Loaded): boolean {
  if (seen === null || seen.version === 0) return false
  if (fence?.epoch === seen.epoch) {
    const isAnother = fence.version === seen.version && fence.head !== seen.head
    return isAnother || fence.version < seen.version
  }
  // An erase leaves its tombstone for a while, and what begins in that time bears its epoch.
  const isErasedPerhaps = nowMs - seenMs >= BOUNDS.tombstoneMs
  return !isErasedPerhaps && (fence === null || isFirstEpoch(fence.epoch))
}

/** A commit met what cannot stand on what this process saw: an older version, or another one. */
export function isRollback(
  { fence }: Pick<Memory, 'fence'>,
  outcome: Extract<CommitOutcome, { tag: 'conflict' }>
) {
  if (fence === null || fence.version === 0) return false
  // Nothing at all is judged by the load that follows: a tombstone may have come to its end.
  if (outcome.epoch === null) return false
  if (outcome.version < fence.version) return true
  return outcome.ancestor !== null && outcome.ancestor !== fence.head
}
