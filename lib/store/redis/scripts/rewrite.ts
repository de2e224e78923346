import type { Fence, Rewrite } from '../../conversation-store.ts'
import { callField, fenceText, readFence } from '../../standing.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['done' | 'conflict']

export const rewriteScript = script('rewrite')

/** Puts texts in the place of others that mean the same. */
export function rewrite(
  run: RunScript,
  { state, history, parked, partition }: ConversationKeys,
  id: string,
  fence: Fence,
  rows: Rewrite
): Promise<'done' | 'conflict'> {
  const { inFirst } = readFence(fence).standing
  const args = [
    ...placed('slot', rows.slots, 1),
    ...rows.calls.flatMap(({ key, row }) => ['call', callField(key), row]),
    ...placed('inbox', rows.inbox, inFirst),
    ...placed('history', rows.history, 0),
    ...placed('parked', rows.parked, 0)
  ]
  const own = [state, history, parked]
  const keys = rows.unlistParked === true ? [...own, partition.parked] : own
  const all = [keys.length, ...keys, fenceText(fence), id, ...args]
  return run(rewriteScript, all, ([tag]: Reply) => tag)
}

function placed(
  kind: string,
  texts: readonly (string | null)[],
  first: number
): readonly (string | number)[] {
  return texts.flatMap((text, at) => (text === null ? [] : [kind, first + at, text]))
}
