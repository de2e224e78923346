import { type AskedHold, type HoldOutcome, holdAfter, holdText, readHold } from '../reply-hold.ts'
import { readStanding } from '../standing.ts'
import { type Desk, stateAt } from './lmdb-conversation.ts'

/** Lets one process alone send the undelivered replies for a while, unless another one does. */
export function holdRepliesAt(desk: Desk, epoch: string, asked: AskedHold): HoldOutcome {
  const kept = stateAt(desk)
  const standing = kept === null ? null : readStanding(kept.standing)
  if (kept === null || standing?.epoch !== epoch || standing.version === 0) return { tag: 'gone' }
  const { shelf, own, nowMs } = desk
  const before = readHold(shelf.get(own.hold))
  const hold = holdAfter(before, asked, nowMs)
  if (hold !== before) shelf.put(own.hold, holdText(hold))
  const tag = hold.by === asked.by ? 'held' : 'other'
  return { tag, ...hold, acknowledgedThrough: kept.acknowledgedThrough }
}
