import { attachedCall, type ConversationRecord } from '../conversation/record.ts'
import type { InboxRow } from '../store/conversation-store.ts'
import type { Memory } from './memory.ts'

/** True when nothing holds back what waits. */
export function isFree(state: ConversationRecord): boolean {
  return state.meta.held === undefined && attachedCall(state) === undefined
}

/**
 * True when the first inbox row waits for nothing: it comes before anything newer.
 *
 * Of a record of which nothing is left only a message begins anew, here one that waits; what waits
 * before that keeps its place.
 */
export function isRowNext(memory: Memory): boolean {
  const { record, recovery, messageWaits } = memory
  if (nextRow(memory) === undefined) return false
  if (record !== null) return isFree(record)
  return messageWaits && recovery !== null && recovery.addressed && recovery.held === null
}

/** The first inbox row that can be read: damaged ones before it are taken with it. */
export function nextRow({ inbox, spoilt }: Pick<Memory, 'inbox' | 'spoilt'>): InboxRow | undefined {
  return inbox.find(row => !spoilt.inbox.has(row))
}
