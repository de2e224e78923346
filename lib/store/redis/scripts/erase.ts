import { fail } from '../../../kernel/failure.ts'
import { BOUNDS } from '../../conversation-store.ts'
import { standingText, tombstone } from '../../standing.ts'
import type { ConversationKeys, RedisKeys } from '../keys.ts'
import { dropAlias } from './alias.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['erased' | 'gone'] | readonly ['again', aliases: string]

export const eraseScript = script('erase', 'standing')

/** How often aliases may be set while the conversation is being erased. */
const LOOKS = 5

/**
 * Erases a conversation and leaves a tombstone.
 *
 * An alias stands in a partition of its own, so its row goes first: who is cut short in between has
 * not erased, and erases again.
 */
export async function erase(
  run: RunScript,
  keys: RedisKeys,
  id: string,
  { epoch, tombstoneEpoch }: { readonly epoch: string; readonly tombstoneEpoch: string }
): Promise<'erased' | 'gone'> {
  let aliases = ''
  for (let look = 0; look < LOOKS; look += 1) {
    const args = argumentsOf(keys.conversation(id), id, epoch, tombstoneEpoch)
    const [tag, left = ''] = await run(eraseScript, [...args, aliases], (reply: Reply) => reply)
    if (tag !== 'again') return tag
    for (const alias of left.split(',')) {
      await dropAlias(run, keys.conversation(alias), `${id}:${epoch}`)
    }
    aliases = left
  }
  return fail('CHP_STORE_REFUSED', 'Aliases were set again and again while it was to be erased.')
}

function argumentsOf(
  { state, history, parked, partition }: ConversationKeys,
  id: string,
  epoch: string,
  tombstoneEpoch: string
): readonly (string | number)[] {
  const { due, index, parked: parkedIndex, held } = partition
  const own = [7, state, history, parked, due, index, parkedIndex, held]
  return [
    ...own,
    epoch,
    tombstoneEpoch,
    standingText(tombstone(tombstoneEpoch)),
    id,
    BOUNDS.tombstoneMs
  ]
}
