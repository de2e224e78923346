import {
  BOUNDS,
  type Commit,
  type CommitOutcome,
  type Deferral,
  type Fence,
  type Full,
  type HistoryRow,
  type InboxRow,
  type Loaded,
  type UndeliveredRow
} from '../store/conversation-store.ts'
import type { KeptHold } from '../store/reply-hold.ts'

/** One conversation as the memory store keeps it; version 0 is the tombstone of an erased one. */
export interface KeptConversation {
  epoch: string
  version: number
  head: string
  current: { readonly text: string; readonly attached: boolean } | null
  /** The newest earlier record that waited for no call. */
  atRest: string | null
  effectAt: number
  readonly calls: Map<string, string>
  inbox: InboxRow[]
  undelivered: UndeliveredRow[]
  nextSequence: number
  acknowledgedThrough: number
  /** Who sends its replies, until when. */
  hold: KeptHold | null
  history: HistoryRow[]
  parked: string[]
  /** The due time set, and the one a claim may have moved. */
  dueMs: number | null
  wakeMs: number | null
  activeMinute: number
  parkedMinute: number | null
  heldMinute: number | null
  /** Ids that lead here. */
  aliases: string[]
  /** The conversation this id leads to. */
  aliasOf: string | null
  /** The tombstone beneath an alias: it shows when nothing leads elsewhere any more. */
  beneath: KeptConversation | null
  readonly window: DedupeWindow
  /** When a tombstone goes. */
  untilMs: number
}

interface Seen {
  readonly print: string
  readonly second: number
  readonly version: number
}

/** The outside ids a conversation has seen, in 64 buckets by the first byte of the fingerprint. */
export type DedupeWindow = Map<number, readonly Seen[]>

/** A conversation that nothing has been committed to, in a window it may inherit. */
export function fresh(epoch: string, window: DedupeWindow = new Map()): KeptConversation {
  return {
    epoch,
    version: 0,
    head: '-',
    current: null,
    atRest: null,
    effectAt: 0,
    calls: new Map(),
    inbox: [],
    undelivered: [],
    nextSequence: 1,
    acknowledgedThrough: 0,
    hold: null,
    history: [],
    parked: [],
    dueMs: null,
    wakeMs: null,
    activeMinute: 0,
    parkedMinute: null,
    heldMinute: null,
    aliases: [],
    aliasOf: null,
    beneath: null,
    window,
    untilMs: 0
  }
}

/** What stands at an id that leads to this conversation, given what stood there before. */
export function aliasRow(aliasOf: string, before: KeptConversation | undefined): KeptConversation {
  const beneath = before?.aliasOf === aliasOf ? before.beneath : (before ?? null)
  const row = { ...fresh('alias', beneath?.window), aliasOf, beneath }
  return { ...row, untilMs: Number.POSITIVE_INFINITY }
}

/** Applies a commit whose checks have passed. */
export function apply(kept: KeptConversation, commit: Commit, nowMs: number): void {
  acknowledge(kept, commit.acknowledgedThrough ?? 0)
  kept.version += 1
  kept.head = commit.head
  if (commit.unreadable !== null) park(kept, commit.unreadable)
  else if (kept.current !== null && !kept.current.attached) kept.atRest = kept.current.text
  kept.current = { text: asStored(commit.record), attached: commit.attached }
  if (commit.effect) kept.effectAt = kept.version
  for (const key of commit.closeCalls) kept.calls.delete(key)
  if (commit.openCall !== null) kept.calls.set(commit.openCall.key, asStored(commit.openCall.row))
  kept.inbox.splice(0, commit.take)
  if (commit.append !== null) keep(kept, commit.append)
  for (const row of commit.replies) {
    kept.undelivered.push({ sequence: kept.nextSequence, row: asStored(row) })
    kept.nextSequence += 1
  }
  for (const row of commit.setAside ?? []) park(kept, row)
  if (commit.park !== null) park(kept, commit.park)
  remember(kept, commit.fingerprint, nowMs)
  lowerDue(kept, commit.dueMs)
  kept.activeMinute = Math.floor(commit.activeMs / 60_000)
  const { park: given, unreadable, setAside = [] } = commit
  if (given !== null || unreadable !== null || setAside.length > 0) {
    kept.parkedMinute = kept.activeMinute
  }
  if (commit.held !== null) kept.heldMinute = commit.held ? kept.activeMinute : null
  record(kept, commit.history)
}

/** Applies a deferral whose checks have passed. */
export function applyDeferral(kept: KeptConversation, deferral: Deferral, nowMs: number): void {
  kept.version += 1
  kept.head = deferral.head
  keep(kept, deferral.row)
  remember(kept, deferral.fingerprint, nowMs)
  lowerDue(kept, deferral.dueMs)
  record(kept, deferral.history)
}

/** Drops undelivered rows up to this sequence, as far as they exist. */
export function acknowledge(kept: KeptConversation, throughSequence: number): void {
  const through = Math.min(throughSequence, kept.nextSequence - 1)
  if (through <= kept.acknowledgedThrough) return
  kept.acknowledgedThrough = through
  kept.undelivered = kept.undelivered.filter(({ sequence }) => sequence > through)
}

/** True when this very row waits to be acknowledged, and no other under its number. */
export function isUndelivered(
  { undelivered }: KeptConversation,
  { sequence, row }: UndeliveredRow
): boolean {
  return undelivered.some(kept => kept.sequence === sequence && kept.row === asStored(row))
}

export function isSeen(window: DedupeWindow, print: Uint8Array | null): boolean {
  const text = print === null ? null : hex(print)
  return text !== null && bucketOf(window, print!).some(seen => seen.print === text)
}

/** The refusal when the bucket of this id has no room for another version, or null. */
export function fullOfIds(
  window: DedupeWindow,
  print: Uint8Array | null,
  { version, nowMs }: { readonly version: number; readonly nowMs: number }
): Full | null {
  if (print === null) return null
  const young = pruned(bucketOf(window, print), version, second(nowMs))
  if (young.length < BOUNDS.dedupeBucketIds) return null
  const untilMs = (young[0]!.second + BOUNDS.dedupeSeconds + 1) * 1000
  return { tag: 'full', what: 'ids', untilMs: untilMs > nowMs ? untilMs : null }
}

/** The refusal when these replies leave more undelivered rows than are kept, or null. */
export function fullOfReplies(kept: KeptConversation, commit: Commit): Full | null {
  const acknowledged = Math.max(
    kept.acknowledgedThrough,
    Math.min(commit.acknowledgedThrough ?? 0, kept.nextSequence - 1)
  )
  const rows = kept.nextSequence - 1 + commit.replies.length - acknowledged
  if (commit.replies.length === 0 || rows <= BOUNDS.undeliveredRows) return null
  return { tag: 'full', what: 'undelivered', untilMs: null }
}

/** Why this parent is not the commit the conversation stands on, or null when it is. */
export function foreignParent(
  kept: KeptConversation | undefined,
  parent: Fence | null
): CommitOutcome | null {
  if (kept === undefined) {
    return parent === null ? null : { tag: 'conflict', version: 0, epoch: null, ancestor: null }
  }
  if (parent !== null && parent.epoch !== kept.epoch) return { tag: 'gone' }
  if (parent !== null && parent.version === kept.version && parent.head === kept.head) return null
  const steps = parent === null ? -1 : kept.version - parent.version
  const ancestor = steps < 0 ? null : (kept.history.at(-1 - steps)?.head ?? null)
  return { tag: 'conflict', version: kept.version, epoch: kept.epoch, ancestor }
}

export function committed(kept: KeptConversation, replies: number): CommitOutcome {
  return {
    tag: 'committed',
    fence: fenceOf(kept),
    firstSequence: kept.nextSequence - replies,
    dueMs: kept.dueMs
  }
}

export function loaded(kept: KeptConversation | undefined, nowMs: number): Loaded {
  const { version = 0 } = kept ?? {}
  return {
    fence: kept === undefined || kept.aliasOf !== null ? null : fenceOf(kept),
    record: kept?.current?.text ?? null,
    effectAt: kept?.effectAt ?? 0,
    calls: version > 0 ? Array.from(kept!.calls, ([key, row]) => ({ key, row })) : [],
    inbox: [...(kept?.inbox ?? [])],
    undelivered: [...(kept?.undelivered ?? [])],
    acknowledgedThrough: kept?.acknowledgedThrough ?? 0,
    dueMs: kept?.dueMs ?? null,
    newestHead: kept?.history.at(-1)?.head ?? null,
    aliasOf: kept?.aliasOf ?? null,
    nowMs
  }
}

/** A text as a store of UTF-8 gives it back: a lone surrogate becomes U+FFFD. */
function asStored(text: string): string {
  return Buffer.from(text).toString()
}

function fenceOf({ epoch, version, head }: KeptConversation): Fence {
  return { epoch, version, head, state: '' }
}

function keep(kept: KeptConversation, { why, row }: InboxRow): void {
  kept.inbox.push({ why, row: asStored(row) })
}

function park(kept: KeptConversation, row: string): void {
  kept.parked = [...kept.parked, asStored(row)].slice(-BOUNDS.parkedRows)
}

function lowerDue(kept: KeptConversation, dueMs: number | null): void {
  if (dueMs === null || (kept.dueMs !== null && kept.dueMs <= dueMs)) return
  kept.dueMs = dueMs
  kept.wakeMs = dueMs
}

function record(kept: KeptConversation, row: string): void {
  kept.history.push({ head: kept.head, row: asStored(row) })
  if (kept.history.length > BOUNDS.historyRowsMost) kept.history = trimmed(kept.history)
}

function trimmed(rows: readonly HistoryRow[]): HistoryRow[] {
  const newest = rows.slice(-BOUNDS.historyRowsKept)
  let first = newest.length - 1
  let bytes = rowBytes(newest[first]!)
  while (first > 0 && bytes + rowBytes(newest[first - 1]!) <= BOUNDS.historyBytes) {
    first -= 1
    bytes += rowBytes(newest[first]!)
  }
  return newest.slice(first)
}

function rowBytes({ head, row }: HistoryRow): number {
  return Buffer.byteLength(`${head} ${row}`)
}

function remember(kept: KeptConversation, print: Uint8Array | null, nowMs: number): void {
  if (print === null) return
  const { version } = kept
  const young = pruned(bucketOf(kept.window, print), version, second(nowMs))
  kept.window.set(bucketNumber(print), [
    ...young,
    { print: hex(print), second: second(nowMs), version }
  ])
}

function pruned(bucket: readonly Seen[], version: number, nowSecond: number): readonly Seen[] {
  const keepFrom = bucket.findIndex(
    seen =>
      nowSecond - seen.second <= BOUNDS.dedupeSeconds ||
      ((version - seen.version) & 0xffff) <= BOUNDS.dedupeVersions
  )
  return keepFrom < 0 ? [] : bucket.slice(keepFrom)
}

function bucketOf(window: DedupeWindow, print: Uint8Array): readonly Seen[] {
  return window.get(bucketNumber(print)) ?? []
}

function bucketNumber(print: Uint8Array): number {
  return print[0]! % BOUNDS.dedupeBuckets
}

function hex(print: Uint8Array): string {
  return Buffer.from(print).toString('hex')
}

function second(nowMs: number): number {
  return Math.floor(nowMs / 1000)
}
