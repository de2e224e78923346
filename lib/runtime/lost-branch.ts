import { isHoldCommand, isOrder, type TurnEvent } from '../conversation/turn-event.ts'
import { BOUNDS } from '../store/conversation-store.ts'
import type { Cell } from './cell.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'

const LOST = 'The store has lost the history that this was read from; look at it again.'
const ERASED = 'The conversation was erased since that was read.'

/**
 * Why an operator's order is refused that is about what was read from commits that the store has
 * lost since, or has erased; null for everything else. Nothing of such a branch may come back.
 */
export async function ofLostBranch(
  { gate, store }: Parts,
  { id }: Cell,
  { fence }: Memory,
  event: TurnEvent,
  deadlineMs: number
): Promise<string | null> {
  if (!isOrder(event) || isHoldCommand(event)) return null
  const { epoch, read } = event
  if (fence === null) return LOST
  if (fence.epoch !== epoch) return ERASED
  if (fence.head === read) return null
  const page = { limit: 2 * BOUNDS.historyRowsMost }
  const rows = await gate.patiently(id, deadlineMs, () => store.history(id, page))
  return rows.some(({ head }) => head === read) ? null : LOST
}
