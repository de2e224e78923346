import { ALIAS, standingText } from '../../standing.ts'
import type { ConversationKeys, RedisKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type RowReply = readonly ['done' | 'taken' | 'gone']
type ListReply = readonly ['done' | 'gone' | 'full']

export const aliasScript = script('alias', 'standing')
export const aliasesScript = script('aliases', 'standing')

/**
 * Lets an id lead to a conversation.
 *
 * The two stand in partitions of their own, so the conversation is told first, and asked again when
 * the row stands: one that was erased meanwhile must leave none behind.
 */
export async function setAlias(
  run: RunScript,
  keys: RedisKeys,
  id: string,
  epoch: string,
  alias: string
): Promise<'done' | 'gone' | 'taken' | 'full'> {
  const [own, other] = [keys.conversation(id), keys.conversation(alias)]
  if (own.state === other.state) return 'taken'
  const told = await change(run, own, epoch, alias, 'add')
  if (told !== 'done') return told
  const target = `${id}:${epoch}`
  const args = [1, other.state, standingText(ALIAS), target]
  const set = await run(aliasScript, args, ([tag]: RowReply) => tag)
  if (set !== 'done') {
    await change(run, own, epoch, alias, 'drop')
    return set
  }
  const still = await change(run, own, epoch, alias, 'add')
  if (still !== 'done') await dropAlias(run, other, target)
  return still
}

/** Lets an id lead nowhere again. */
export async function removeAlias(
  run: RunScript,
  keys: RedisKeys,
  id: string,
  alias: string
): Promise<'done' | 'gone'> {
  const dropped = await dropAlias(run, keys.conversation(alias), id)
  await change(run, keys.conversation(id), '', alias, 'drop')
  return dropped
}

/** Removes the row of an alias that leads to this target: an id, or one with its epoch. */
export function dropAlias(
  run: RunScript,
  { state }: ConversationKeys,
  target: string
): Promise<'done' | 'gone'> {
  return run(aliasScript, [1, state, '', target], ([tag]: RowReply) =>
    tag === 'done' ? tag : 'gone'
  )
}

function change(
  run: RunScript,
  { state }: ConversationKeys,
  epoch: string,
  alias: string,
  how: 'add' | 'drop'
): Promise<'done' | 'gone' | 'full'> {
  return run(aliasesScript, [1, state, epoch, alias, how], ([tag]: ListReply) => tag)
}
