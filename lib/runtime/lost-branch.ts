import { isRollbackCommand, type TurnEvent } from '../conversation/turn-event.ts'
import { BOUNDS } from '../store/conversation-store.ts'
import type { Cell } from './cell.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'

const LOST = 'The store has lost the history that this was read from; look at it again.'

/**
 * Why an operator's rollback is refused whose version was read from commits that the store has lost
 * since; null for everything else. Nothing of such a branch may be written back.
 */
export async function ofLostBranch(
  { gate, store }: Parts,
  { id }: Cell,
  { fence }: Memory,
  event: TurnEvent,
  deadlineMs: number
): Promise<string | null> {
  if (!isRollbackCommand(event) || fence === null) return null
  const { epoch, read } = event
  // One of another incarnation is refused as such.
  if (fence.epoch !== epoch || fence.head === read) return null
  const page = { limit: 2 * BOUNDS.historyRowsMost }
  const rows = await gate.patiently(id, deadlineMs, () => store.history(id, page))
  return rows.some(({ head }) => head === read) ? null : LOST
}
