import { BOUNDS } from '../../conversation-store.ts'
import { standingText, tombstone } from '../../standing.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['erased' | 'gone']

export const eraseScript = script('erase')

/** Erases a conversation and leaves a tombstone. */
export function erase(
  run: RunScript,
  keys: ConversationKeys,
  id: string,
  { epoch, tombstoneEpoch }: { readonly epoch: string; readonly tombstoneEpoch: string }
): Promise<'erased' | 'gone'> {
  const { due, index, parked } = keys.partition
  const own = [6, keys.state, keys.history, keys.parked, due, index, parked]
  const left = standingText(tombstone(tombstoneEpoch))
  const args = [...own, epoch, tombstoneEpoch, left, id, BOUNDS.tombstoneMs]
  return run(eraseScript, args, ([tag]: Reply) => tag)
}
