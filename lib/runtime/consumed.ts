import type { Call, ConversationRecord, Timer } from '../conversation/record.ts'
import type { CallSettled, TurnEvent } from '../conversation/turn-event.ts'

/** A timer that was taken is no longer set, whatever was decided: its effect is had once. */
export function consumed(state: ConversationRecord, event: TurnEvent): ConversationRecord {
  if (event.kind !== 'TimerDue') return state
  const isTaken = ({ id, dueMs }: Timer): boolean => id === event.timer && dueMs === event.dueMs
  if (!state.timers.some(isTaken)) return state
  return { ...state, timers: state.timers.filter(timer => !isTaken(timer)) }
}

/** As many calls as a record may hold; one more is over like any, its end in the history. */
const LEFT_MAX = 4

/**
 * A settled call is over, also for a reset: its outcome must not be awaited again. An effect that
 * may have been done is left instead, once: nobody was told of it by what was given up.
 */
export function withoutCall(
  next: ConversationRecord,
  { calls }: ConversationRecord,
  event: TurnEvent
): ConversationRecord {
  const call = event.kind === 'CallSettled' ? calls.find(({ key }) => key === event.key) : undefined
  if (event.kind !== 'CallSettled' || call === undefined) return next
  const others = next.calls.filter(({ key }) => key !== event.key)
  const isFull = others.filter(({ unresolved }) => unresolved !== undefined).length >= LEFT_MAX
  if (isFull || !mayBeDone(call, event)) return { ...next, calls: others }
  return { ...next, calls: [...others, { ...call, attached: false, unresolved: 'left' }] }
}

function mayBeDone({ effect, unresolved }: Call, { result }: CallSettled): boolean {
  const isUnknown = result.tag !== 'answered' && result.known === 'unknown'
  return isUnknown && effect && unresolved !== 'left'
}
