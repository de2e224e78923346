import { BOUNDS, type Commit, type CommitOutcome, type InboxRow } from './conversation-store.ts'
import {
  callField,
  type Known,
  type Remembered,
  readFence,
  replyField,
  type Standing,
  tombstone
} from './standing.ts'

/**
 * What a commit writes, worked out before any store is asked: the same for every store.
 *
 * Fields are named as the layout has them: `r` and a slot for a record, `o` and a number for a
 * reply (`replyField`), `i` and a number for an inbox row, `c` and a key for an open call.
 */
export interface CommitPlan {
  readonly before: Standing
  /** The due time set before, as far as the parent knows. */
  readonly dueMs: number | null
  readonly next: Standing
  /** Minute of activity. */
  readonly minute: number
  /** The conversation exists and is no tombstone. */
  readonly follows: boolean
  /** The minute of activity is another than the index has. */
  readonly moves: boolean
  /** Number of the last reply this commit brings; 0 for none. */
  readonly lastSequence: number
  /** Field, value, field, value. */
  readonly written: readonly string[]
  readonly removed: readonly string[]
  readonly parked: readonly string[]
  /** Undelivered rows to drop, clamped to those that exist; 0 for none. */
  readonly acknowledgedThrough: number
  /** A bound that this commit breaks whatever the store holds; to be said last of all checks. */
  readonly refusal: Exclude<CommitOutcome, { tag: 'committed' }> | null
}

/** Works out a commit on the parent it names. */
export function planCommit(commit: Commit): CommitPlan {
  const { parent, record } = commit
  const { standing: before, remembered } = parent === null ? nothing(commit) : readFence(parent)
  const { inFirst, inNext, outNext } = before
  const follows = before.version > 0
  const taken = Math.min(commit.take, inNext - inFirst)
  const appended = commit.append === null ? 0 : 1
  const acknowledgedThrough = Math.min(commit.acknowledgedThrough ?? 0, outNext - 1)
  const next: Standing = {
    epoch: before.epoch,
    version: before.version + 1,
    head: commit.head,
    slot: slotAfter(before, commit.unreadable !== null),
    attached: commit.attached,
    inFirst: inFirst + taken,
    inNext: inNext + appended,
    outBase: acknowledgedThrough === outNext - 1 ? outNext : before.outBase,
    outNext: outNext + commit.replies.length,
    effectAt: commit.effect ? before.version + 1 : before.effectAt,
    calls: openCalls(before.calls, commit)
  }
  const minute = Math.floor(commit.activeMs / 60_000)
  return {
    before,
    dueMs: remembered.dueMs,
    next,
    minute,
    follows,
    moves: !follows || minute !== remembered.minute,
    lastSequence: commit.replies.length === 0 ? 0 : next.outNext - 1,
    written: writtenBy(commit, before, next),
    removed: removedBy(before, taken, next.calls),
    parked: parkedBy(commit),
    acknowledgedThrough,
    refusal: refusalOf(record, next, appended)
  }
}

/** An inbox row as one text. */
export function inboxText({ why, row }: InboxRow): string {
  return `${why} ${row}`
}

/** What `inboxText` was made from. */
export function inboxRowOf(text: string): InboxRow {
  const space = text.indexOf(' ')
  return { why: text.slice(0, space) as InboxRow['why'], row: text.slice(space + 1) }
}

/** The bucket of the dedupe window in which this fingerprint is looked for. */
export function bucketOf(fingerprint: Uint8Array): number {
  return fingerprint[0]! % BOUNDS.dedupeBuckets
}

// The other slot must stay at rest: a record that waits for a call, or that could not be read, is
// written over instead.
function slotAfter({ version, slot, attached }: Standing, unreadable: boolean): 0 | 1 {
  if (version === 0) return 0
  return attached || unreadable ? slot : slot === 0 ? 1 : 0
}

function openCalls(calls: readonly string[], { openCall, closeCalls }: Commit): readonly string[] {
  if (openCall === null && closeCalls.length === 0) return calls
  const closed = closeCalls.map(callField)
  const open = calls.filter(call => !closed.includes(call))
  const opened = openCall === null ? null : callField(openCall.key)
  return opened === null || open.includes(opened) ? open : [...open, opened]
}

function writtenBy(commit: Commit, { inNext, outNext }: Standing, next: Standing): string[] {
  const written = [`r${next.slot}`, commit.record]
  let sequence = outNext
  for (const row of commit.replies) written.push(replyField(next, sequence++), row)
  if (commit.append !== null) written.push(`i${inNext}`, inboxText(commit.append))
  if (commit.openCall !== null) {
    written.push(`c${callField(commit.openCall.key)}`, commit.openCall.row)
  }
  return written
}

function parkedBy({ unreadable, setAside = NOTHING, park }: Commit): readonly string[] {
  if (unreadable === null && park === null && setAside.length === 0) return NOTHING
  return [unreadable, ...setAside, park].filter(row => row !== null)
}

function removedBy(
  { inFirst, calls }: Standing,
  taken: number,
  open: readonly string[]
): readonly string[] {
  if (taken === 0 && open === calls) return NOTHING
  const rows = Array.from({ length: taken }, (_, at) => `i${inFirst + at}`)
  return [...rows, ...calls.filter(call => !open.includes(call)).map(call => `c${call}`)]
}

const NOTHING: readonly string[] = []
const NEVER: Remembered = { dueMs: null, minute: 0 }

function nothing({ epoch }: Commit): Known {
  return { standing: tombstone(epoch), remembered: NEVER }
}

function refusalOf(record: string, next: Standing, appended: number): CommitPlan['refusal'] {
  const bytes = Buffer.byteLength(record)
  if (bytes > BOUNDS.recordBytes) return { tag: 'oversize', bytes }
  if (appended > 0 && next.inNext - next.inFirst > BOUNDS.inboxRows) {
    return { tag: 'full', what: 'inbox', untilMs: null }
  }
  return null
}
