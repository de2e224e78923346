import type { HoldOutcome } from '../store/reply-hold.ts'
import { isOurs } from './ours.ts'
import type { Parts } from './parts.ts'

type HoldParts = Pick<Parts, 'instance' | 'process' | 'startedAtMs'> & {
  readonly gate: Pick<Parts['gate'], 'store'>
}

/**
 * Asks for a hold on the replies of a conversation; that of a former life of this process is taken
 * over at once.
 */
export async function heldReplies(
  parts: HoldParts,
  conversation: string,
  epoch: string,
  ms: number
): Promise<HoldOutcome> {
  const { gate, process: by } = parts
  const outcome = await gate.store.holdReplies(conversation, epoch, { by, ms })
  if (outcome.tag !== 'other') return outcome
  const { by: over, untilMs } = outcome
  if (!isOurs(parts, { by: over, at: untilMs - ms })) return outcome
  return gate.store.holdReplies(conversation, epoch, { by, ms, over })
}
