import type { ConversationRecord, Timer } from '../conversation/record.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'

/** A timer that was taken is no longer set, whatever was decided: its effect is had once. */
export function consumed(state: ConversationRecord, event: TurnEvent): ConversationRecord {
  if (event.kind !== 'TimerDue') return state
  const isTaken = ({ id, dueMs }: Timer): boolean => id === event.timer && dueMs === event.dueMs
  if (!state.timers.some(isTaken)) return state
  return { ...state, timers: state.timers.filter(timer => !isTaken(timer)) }
}

/** A settled call is over, also for a reset: its outcome must not be awaited again. */
export function withoutCall(state: ConversationRecord, event: TurnEvent): ConversationRecord {
  if (event.kind !== 'CallSettled' || !state.calls.some(({ key }) => key === event.key)) {
    return state
  }
  return { ...state, calls: state.calls.filter(({ key }) => key !== event.key) }
}
