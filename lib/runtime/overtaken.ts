import type { ConversationRecord } from '../conversation/record.ts'
import type { CallSettled, TurnEvent } from '../conversation/turn-event.ts'
import type { Memory } from './memory.ts'
import { isOurs } from './ours.ts'
import type { Parts } from './parts.ts'
import { readCallHead } from './rows.ts'

/**
 * True for the end of a call that another process has taken over: unless it was answered here, only
 * that one knows whether it was done.
 */
export function isOvertaken(
  parts: Parts,
  { calls, spoilt }: Memory,
  record: ConversationRecord,
  event: TurnEvent
): boolean {
  if (!mayBeOvertaken(event)) return false
  const { key } = event
  const row = spoilt.calls.has(key) ? undefined : calls.find(call => call.key === key)?.row
  const head = row === undefined ? null : readCallHead(row)
  if (head === null) return false
  const openedAtMs = record.calls.find(call => call.key === key)?.openedAtMs ?? 0
  const { by, until = 0 } = head
  // The first lease began when the call was opened.
  return !isOurs(parts, { by, at: Math.max(until - parts.limits.leaseMs, openedAtMs) })
}

/**
 * True for an end that does not count where another process has taken the call over. What is
 * remembered does not tell that: a lease is taken beside the fence.
 */
export function mayBeOvertaken(event: TurnEvent): event is CallSettled {
  return event.kind === 'CallSettled' && event.result.tag !== 'answered'
}
