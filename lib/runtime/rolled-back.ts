import type { CommitOutcome, Loaded } from '../store/conversation-store.ts'
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
export function isBehind(cell: Cell, { fence, undelivered, acknowledgedThrough }: Loaded): boolean {
  const { seen } = cell
  if (fence === null) return seen !== null
  if (fence.epoch === seen?.epoch && fence.version < seen.version) return true
  const through = sentThrough(cell, fence.epoch)
  const known = undelivered.find(({ sequence }) => sequence === through)
  return through > acknowledgedThrough && known?.row !== cell.sent.row
}

/** A commit met what cannot stand on what this process saw: an older version, or another one. */
export function isRollback(
  { fence }: Pick<Memory, 'fence'>,
  outcome: Extract<CommitOutcome, { tag: 'conflict' }>
) {
  if (fence === null || fence.version === 0) return false
  if (outcome.version < fence.version) return true
  return outcome.ancestor !== null && outcome.ancestor !== fence.head
}
