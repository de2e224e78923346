import type { AskedHold, HoldOutcome } from '../../reply-hold.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply =
  | readonly ['gone']
  | readonly [tag: 'held' | 'other', by: string, until: string, acknowledgedThrough: number]

export const holdRepliesScript = script('hold-replies', 'standing')

/** Lets one process alone send the undelivered replies for a while. */
export function holdReplies(
  run: RunScript,
  keys: ConversationKeys,
  epoch: string,
  { by, ms, over = '' }: AskedHold
): Promise<HoldOutcome> {
  return run(holdRepliesScript, [1, keys.state, epoch, by, ms, over], outcomeOf)
}

function outcomeOf(reply: Reply): HoldOutcome {
  if (reply[0] === 'gone') return { tag: 'gone' }
  const [tag, by, until, acknowledgedThrough] = reply
  return { tag, by, untilMs: Number(until), acknowledgedThrough }
}
