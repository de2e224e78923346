import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['done' | 'gone']

export const acknowledgedScript = script('acknowledged')

/** Drops undelivered rows up to a number. */
export async function acknowledged(
  run: RunScript,
  keys: ConversationKeys,
  epoch: string,
  throughSequence: number
): Promise<'done' | 'gone'> {
  const [tag] = (await run(acknowledgedScript, [1, keys.state, epoch, throughSequence])) as Reply
  return tag
}
