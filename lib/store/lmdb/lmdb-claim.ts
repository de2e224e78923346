import { failureOf } from '../../kernel/failure.ts'
import type { Fence } from '../conversation-store.ts'
import { isHeadOf } from '../identity.ts'
import { fenceText, readStanding } from '../standing.ts'
import type { KeptState } from './kept-state.ts'
import { type Desk, putState, stateAt, woken } from './lmdb-conversation.ts'

/** Moves what stands at a due key past the lease; a damaged state stays as it is. */
export function leaseAt(desk: Desk, dueKey: string, leaseMs: number): void {
  const { shelf, keys, id, nowMs } = desk
  const kept = soundStateAt(desk)
  // Only the key says where a damaged one stands: left there, it would be claimed for ever.
  shelf.remove(dueKey)
  if (kept === 'nothing') return
  if (kept === null) shelf.put(keys.due(nowMs + leaseMs, id), '1')
  else putState(desk, woken(desk, kept, nowMs + leaseMs))
}

/** Sets the true due time, on the very commit and the replies it was computed from. */
export function settleDueAt(
  desk: Desk,
  fence: Fence | null,
  dueMs: number | null,
  acknowledgedThrough: number
) {
  const kept = stateAt(desk)
  const isNothing = kept === null || readStanding(kept.standing).version === 0
  // An entry of nothing went when it was claimed.
  if (fence === null) return isNothing ? 'done' : 'conflict'
  if (isNothing || kept.standing !== fenceText(fence)) return 'conflict'
  if (kept.acknowledgedThrough < acknowledgedThrough) return 'conflict'
  putState(desk, woken(desk, { ...kept, dueMs }, dueMs))
  return 'done'
}

/** True for a conversation that is due by then and whose last commit is one of this instance. */
export function isOwnAt(desk: Desk, instance: string, untilMs: number): boolean {
  const kept = soundStateAt(desk)
  if (kept === null || kept === 'nothing' || (kept.wakeMs ?? Number.POSITIVE_INFINITY) > untilMs)
    return false
  return isHeadOf(instance, readStanding(kept.standing).head)
}

// One that is damaged must not keep the others from being claimed.
function soundStateAt(desk: Desk): KeptState | 'nothing' | null {
  try {
    return stateAt(desk) ?? 'nothing'
  } catch (error) {
    if (failureOf(error)?.code === 'CHP_RECORD_CORRUPT') return null
    throw error
  }
}
