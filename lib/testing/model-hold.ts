import { type AskedHold, type HoldOutcome, holdAfter } from '../store/reply-hold.ts'
import type { KeptConversation } from './kept-conversation.ts'

/** Lets one process alone send the undelivered replies for a while, unless another one does. */
export function held(
  kept: KeptConversation | undefined,
  epoch: string,
  asked: AskedHold,
  nowMs: number
): HoldOutcome {
  if (kept?.epoch !== epoch || kept.version === 0) return { tag: 'gone' }
  kept.hold = holdAfter(kept.hold, asked, nowMs)
  const { hold, acknowledgedThrough } = kept
  return { tag: hold.by === asked.by ? 'held' : 'other', ...hold, acknowledgedThrough }
}
