import type { Fence } from '../../conversation-store.ts'
import { fenceText } from '../../standing.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['done' | 'conflict']

export const settleDueScript = script('settle-due')

/** Sets the true due time, on the very commit it was computed from. */
export function settleDue(
  run: RunScript,
  keys: ConversationKeys,
  id: string,
  {
    fence,
    dueMs,
    acknowledgedThrough
  }: {
    readonly fence: Fence | null
    readonly dueMs: number | null
    readonly acknowledgedThrough: number
  }
): Promise<'done' | 'conflict'> {
  const { due, index } = keys.partition
  const standing = fence === null ? '' : fenceText(fence)
  const args = [3, keys.state, due, index, standing, dueMs ?? '', id, acknowledgedThrough]
  return run(settleDueScript, args, ([tag]: Reply) => tag)
}
