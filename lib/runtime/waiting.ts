import { attachedCall, type ConversationRecord } from '../conversation/record.ts'
import type { InboxRow } from '../store/conversation-store.ts'
import type { Memory } from './memory.ts'

/** True when nothing holds back what waits. */
export function isFree(state: ConversationRecord): boolean {
  return state.meta.held === undefined && attachedCall(state) === undefined
}

/** True when the first inbox row waits for nothing: it comes before anything newer. */
export function isRowNext(memory: Memory): boolean {
  const { record } = memory
  const row = nextRow(memory)
  return row !== undefined && record !== null && isFree(record)
}

/** The first inbox row that can be read: damaged ones before it are taken with it. */
export function nextRow({ inbox, spoilt }: Pick<Memory, 'inbox' | 'spoilt'>): InboxRow | undefined {
  return inbox.find(row => !spoilt.inbox.has(row))
}
