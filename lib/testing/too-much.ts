import { BOUNDS, type Commit, type CommitOutcome } from '../store/conversation-store.ts'
import { fullOfIds, fullOfReplies, type KeptConversation } from './kept-conversation.ts'

/** Why the model takes no commit, as a bound says; null when it does. */
export function tooMuch(
  target: KeptConversation,
  commit: Commit,
  nowMs: number
): CommitOutcome | null {
  const bytes = Buffer.byteLength(commit.record)
  if (bytes > BOUNDS.recordBytes) return { tag: 'oversize', bytes }
  const kept = Math.max(0, target.inbox.length - commit.take)
  if (commit.append !== null && kept + 1 > BOUNDS.inboxRows) {
    return { tag: 'full', what: 'inbox', untilMs: null }
  }
  const { version } = target
  return (
    fullOfReplies(target, commit) ??
    fullOfIds(target.window, commit.fingerprint, { version: version + 1, nowMs })
  )
}
