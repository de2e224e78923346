import type { Receipt } from '../channel/channel.ts'
import type { Full } from '../store/conversation-store.ts'
import type { Parts } from './parts.ts'

/** What is said of an event for which the store has no room: it stays unacknowledged. */
export function shedFull({ time }: Parts, { what, untilMs }: Full): Receipt {
  const waitMs = untilMs === null ? 1_000 : untilMs - time.nowMs()
  return { tag: 'shed', reason: `full: ${what}`, retryAfterMs: Math.max(1_000, waitMs) }
}
