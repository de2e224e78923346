import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly ['done' | 'gone']

export const acknowledgedScript = script('acknowledged')

/** Drops undelivered rows up to a number. */
export function acknowledged(
  run: RunScript,
  keys: ConversationKeys,
  epoch: string,
  throughSequence: number
): Promise<'done' | 'gone'> {
  const args = [1, keys.state, epoch, throughSequence]
  return run(acknowledgedScript, args, ([tag]: Reply) => tag)
}
