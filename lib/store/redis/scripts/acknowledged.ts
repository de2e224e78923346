import type { AcknowledgeOutcome, UndeliveredRow } from '../../conversation-store.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [AcknowledgeOutcome]

export const acknowledgedScript = script('acknowledged', 'standing')

/** Drops undelivered rows up to one. */
export function acknowledged(
  run: RunScript,
  keys: ConversationKeys,
  epoch: string,
  { sequence, row }: UndeliveredRow
): Promise<AcknowledgeOutcome> {
  const args = [1, keys.state, epoch, sequence, row]
  return run(acknowledgedScript, args, ([tag]: Reply) => tag)
}
