import { bucketOf, type CommitPlan, inboxText, planCommit } from '../commit-plan.ts'
import {
  type AcknowledgeOutcome,
  BOUNDS,
  type Commit,
  type CommitOutcome,
  type DeferOutcome,
  type Deferral,
  type Fence,
  type Full,
  type UndeliveredRow
} from '../conversation-store.ts'
import {
  fenceOf,
  fenceText,
  readStanding,
  replyField,
  type Standing,
  standingText
} from '../standing.ts'
import type { Database } from './database.ts'
import { fullOf, holds, pruned, withPrint } from './dedupe-bucket.ts'
import { freshState, type KeptState, readState, stateText } from './kept-state.ts'
import type { ConversationKeys, LmdbKeys } from './lmdb-keys.ts'
import { relisted } from './relisted.ts'

/** What a transaction may do; every call happens at once, inside it. */
export interface Shelf {
  get(key: string): string | undefined
  put(key: string, value: string): void
  remove(key: string): void
}

export function shelfOf(database: Database): Shelf {
  return {
    get: key => database.get(key),
    put: (key, value) => void database.put(key, value),
    remove: key => void database.remove(key)
  }
}

/** One conversation inside a transaction, at one instant. */
export interface Desk {
  readonly shelf: Shelf
  readonly keys: LmdbKeys
  /** The keys of this conversation. */
  readonly own: ConversationKeys
  readonly id: string
  readonly nowMs: number
}

/** What is stored of this conversation, or null; an expired tombstone is nothing. */
export function stateAt({ shelf, own, nowMs }: Desk): KeptState | null {
  const text = shelf.get(own.state)
  if (text === undefined) return null
  const state = readState(text)
  return state.untilMs > 0 && state.untilMs <= nowMs ? null : state
}

/** Commits: all checks first, then every write, inside the transaction of the desk. */
export function commitAt(desk: Desk, commit: Commit): CommitOutcome {
  const kept = stateAt(desk)
  const standing = kept === null ? null : readStanding(kept.standing)
  if (standing?.head === commit.head) return committed(kept!, standing, commit.replies.length)
  const { fingerprint, parent } = commit
  const bucket = fingerprint === null ? '' : bucketAt(desk, kept, fingerprint)
  if (fingerprint !== null && holds(bucket, fingerprint)) return { tag: 'duplicate' }
  const foreign = foreignParent(desk, kept, parent)
  if (foreign !== null) return foreign
  const plan = planCommit(commit)
  const state = plan.follows ? kept! : freshState(plan.next.epoch)
  const moment = { version: plan.next.version, nowMs: desk.nowMs }
  const young = fingerprint === null ? '' : pruned(bucket, moment)
  const refusal =
    plan.refusal ??
    fullOfReplies(state, plan) ??
    (fingerprint === null ? null : fullOf(young, desk.nowMs))
  if (refusal !== null) return refusal
  const { own } = desk
  if (kept === null) clearBuckets(desk)
  if (fingerprint !== null) {
    desk.shelf.put(own.bucket(bucketOf(fingerprint)), withPrint(young, fingerprint, moment))
  }
  const next = written(desk, { state, plan, commit })
  return committed(next, plan.next, commit.replies.length)
}

/** Appends to the inbox: version and head rise, the record stays. */
export function deferAt(desk: Desk, deferral: Deferral): DeferOutcome {
  const kept = stateAt(desk)
  const standing = kept === null ? null : readStanding(kept.standing)
  const { fingerprint, head } = deferral
  if (standing?.head === head) return { tag: 'committed', version: standing.version }
  const bucket = fingerprint === null ? '' : bucketAt(desk, kept, fingerprint)
  if (fingerprint !== null && holds(bucket, fingerprint)) return { tag: 'duplicate' }
  if (kept === null || standing === null) return { tag: 'conflict' }
  if (standing.epoch !== deferral.epoch || standing.version === 0) return { tag: 'gone' }
  if (standing.inNext - standing.inFirst >= BOUNDS.inboxRows) {
    return { tag: 'full', what: 'inbox', untilMs: null }
  }
  const version = standing.version + 1
  const moment = { version, nowMs: desk.nowMs }
  const young = fingerprint === null ? '' : pruned(bucket, moment)
  const full = fingerprint === null ? null : fullOf(young, desk.nowMs)
  if (full !== null) return full
  const { own } = desk
  if (fingerprint !== null) {
    desk.shelf.put(own.bucket(bucketOf(fingerprint)), withPrint(young, fingerprint, moment))
  }
  desk.shelf.put(own.field(`i${standing.inNext}`), inboxText(deferral.row))
  const next: Standing = { ...standing, version, head, inNext: standing.inNext + 1 }
  putState(desk, {
    ...lowered(desk, kept, deferral.dueMs),
    standing: standingText(next),
    historyFirst: recorded(desk, { first: kept.historyFirst, version, head, row: deferral.history })
  })
  return { tag: 'committed', version }
}

export function acknowledgedAt(
  desk: Desk,
  epoch: string,
  { sequence, row }: UndeliveredRow
): AcknowledgeOutcome {
  const kept = stateAt(desk)
  const standing = kept === null ? null : readStanding(kept.standing)
  if (kept === null || standing?.epoch !== epoch) return 'gone'
  if (sequence <= kept.acknowledgedThrough) return 'done'
  const field = desk.own.field(replyField(standing, sequence))
  if (sequence >= standing.outNext || desk.shelf.get(field) !== row) return 'conflict'
  putState(desk, { ...kept, acknowledgedThrough: dropped(desk, kept, standing, sequence) })
  return 'done'
}

/** Moves the time at which the conversation is woken, as a claim does; the due time set stays. */
export function woken(
  { shelf, keys, id }: Desk,
  kept: KeptState,
  wakeMs: number | null
): KeptState {
  if (kept.wakeMs !== null) shelf.remove(keys.due(kept.wakeMs, id))
  if (wakeMs !== null) shelf.put(keys.due(wakeMs, id), '1')
  return { ...kept, wakeMs }
}

export function putState({ shelf, own }: Desk, state: KeptState): void {
  shelf.put(own.state, stateText(state))
}

function foreignParent(
  desk: Desk,
  kept: KeptState | null,
  parent: Fence | null
): CommitOutcome | null {
  if (kept === null) {
    return parent === null ? null : { tag: 'conflict', version: 0, epoch: null, ancestor: null }
  }
  if (parent !== null && kept.standing === fenceText(parent)) return null
  const { epoch, version } = readStanding(kept.standing)
  if (parent !== null && parent.epoch !== epoch) return { tag: 'gone' }
  const row =
    parent === null || parent.version < kept.historyFirst || parent.version > version
      ? undefined
      : desk.shelf.get(desk.own.history(parent.version))
  return { tag: 'conflict', version, epoch, ancestor: row?.slice(0, row.indexOf(' ')) ?? null }
}

function written(
  desk: Desk,
  {
    state,
    plan,
    commit
  }: { readonly state: KeptState; readonly plan: CommitPlan; readonly commit: Commit }
): KeptState {
  const { shelf, id, own } = desk
  const { next } = plan
  const through = dropped(desk, state, plan.before, plan.acknowledgedThrough)
  for (const field of plan.removed) shelf.remove(own.field(field))
  for (let at = 0; at < plan.written.length; at += 2) {
    shelf.put(own.field(plan.written[at]!), plan.written[at + 1]!)
  }
  if (plan.moves) {
    if (plan.follows) shelf.remove(desk.keys.listed('index', state.minute, id))
    shelf.put(desk.keys.listed('index', plan.minute, id), '1')
  }
  const after: KeptState = {
    ...lowered(desk, state, commit.dueMs),
    ...parkedAfter(desk, state, plan),
    heldMinute:
      commit.held === null
        ? state.heldMinute
        : relisted(desk, 'held', state.heldMinute, commit.held ? plan.minute : null),
    standing: standingText(next),
    acknowledgedThrough: through,
    minute: plan.minute,
    historyFirst: recorded(desk, {
      first: state.historyFirst,
      version: next.version,
      head: next.head,
      row: commit.history
    })
  }
  putState(desk, after)
  return after
}

function committed(kept: KeptState, standing: Standing, replies: number): CommitOutcome {
  return {
    tag: 'committed',
    fence: fenceOf(standing, kept),
    firstSequence: standing.outNext - replies,
    dueMs: kept.dueMs
  }
}

function bucketAt({ shelf, own }: Desk, kept: KeptState | null, print: Uint8Array): string {
  if (kept === null) return ''
  return shelf.get(own.bucket(bucketOf(print))) ?? ''
}

// What an expired tombstone left behind must not be taken for ids of the new conversation.
function clearBuckets({ shelf, own }: Desk): void {
  if (shelf.get(own.state) === undefined) return
  for (let number = 0; number < BOUNDS.dedupeBuckets; number += 1) {
    shelf.remove(own.bucket(number))
  }
}

function fullOfReplies(state: KeptState, plan: CommitPlan): Full | null {
  const through = Math.max(state.acknowledgedThrough, plan.acknowledgedThrough)
  if (plan.lastSequence - through <= BOUNDS.undeliveredRows) return null
  return { tag: 'full', what: 'undelivered', untilMs: null }
}

function dropped(
  { shelf, own }: Desk,
  { acknowledgedThrough }: KeptState,
  standing: Standing,
  through: number
): number {
  for (let sequence = acknowledgedThrough + 1; sequence <= through; sequence += 1) {
    shelf.remove(own.field(replyField(standing, sequence)))
  }
  return Math.max(acknowledgedThrough, through)
}

function lowered(desk: Desk, state: KeptState, dueMs: number | null): KeptState {
  if (dueMs === null || (state.dueMs !== null && state.dueMs <= dueMs)) return state
  return woken(desk, { ...state, dueMs }, dueMs)
}

function parkedAfter(
  desk: Desk,
  { parkedFirst, parkedNext, parkedMinute }: KeptState,
  { parked, minute }: CommitPlan
): Pick<KeptState, 'parkedFirst' | 'parkedNext' | 'parkedMinute'> {
  const { shelf, own } = desk
  let first = parkedFirst
  let next = parkedNext
  for (const row of parked) {
    shelf.put(own.parked(next), row)
    next += 1
    if (next - first > BOUNDS.parkedRows) {
      shelf.remove(own.parked(first))
      first += 1
    }
  }
  const at = parked.length === 0 ? parkedMinute : relisted(desk, 'parked', parkedMinute, minute)
  return { parkedFirst: first, parkedNext: next, parkedMinute: at }
}

interface HistoryEntry {
  /** Version of the oldest row kept so far. */
  readonly first: number
  readonly version: number
  readonly head: string
  readonly row: string
}

/** Adds a history row, trims, and gives the version of the oldest row that is left. */
function recorded({ shelf, own }: Desk, { first, version, head, row }: HistoryEntry): number {
  const key = (at: number): string => own.history(at)
  const text = `${head} ${row}`
  shelf.put(key(version), text)
  if (version - first + 1 <= BOUNDS.historyRowsMost) return first
  let oldest = version
  let bytes = Buffer.byteLength(text)
  while (oldest > version - BOUNDS.historyRowsKept + 1) {
    bytes += Buffer.byteLength(shelf.get(key(oldest - 1)) ?? '')
    if (bytes > BOUNDS.historyBytes) break
    oldest -= 1
  }
  for (let at = first; at < oldest; at += 1) shelf.remove(key(at))
  return oldest
}
