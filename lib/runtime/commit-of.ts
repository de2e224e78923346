import type { Address } from '../conversation/address.ts'
import type { AuditNote } from '../conversation/decision.ts'
import { attachedCall, type ConversationRecord, isDriven } from '../conversation/record.ts'
import { isFromOutside, isResendCommand } from '../conversation/turn-event.ts'
import { replyLeaseMs } from '../outbox/reply-lease.ts'
import type { Commit, InboxRow } from '../store/conversation-store.ts'
import { encodeRecord } from '../store/envelope.ts'
import { fingerprint } from '../store/identity.ts'
import { checkRecord, replyRows, whereIn } from './check.ts'
import { changed, historyRow } from './history-row.ts'
import { heldIn, runsWhileHeld } from './hold.ts'
import type { Naming } from './instant.ts'
import type { Memory, Undelivered } from './memory.ts'
import { nextRecord } from './next-record.ts'
import { type Opened, openedCall } from './opened-call.ts'
import type { Parts } from './parts.ts'
import type { Cause, Plan } from './planned.ts'
import { leftBehind } from './recovery/set-aside.ts'
import { type SpoiltRow, spoiltNote, spoiltText } from './recovery/spoilt-rows.ts'
import { type Acknowledging, causeOfRefusal, type ParkedReply } from './refused-replies.ts'
import { inboxRow, parkedReplyRow, parkedRow, type RowPlace } from './rows.ts'
import { asDefect } from './turn-defect.ts'
import { isFree } from './waiting.ts'

/** A commit ready to be sent, with what the actor will remember when it lands. */
export interface Ready {
  readonly commit: Commit
  readonly record: ConversationRecord
  readonly opened: Opened | null
  /** What the actor will owe its member; sequence numbers are the store's to give. */
  readonly replies: readonly Omit<Undelivered, 'sequence' | 'row'>[]
  /** Damaged rows that it parks. */
  readonly setAside: readonly SpoiltRow[]
  /** Replies that their channel will never take, and that it parks. */
  readonly parked: readonly ParkedReply[]
}

/**
 * Turns a plan into the one commit that makes it true.
 *
 * Throws `TurnDefect` when the bot decided what its codecs refuse or what would not come back from
 * the store as it was, or a reply that its channel can never send: before anything is written.
 */
export function commitOf(
  parts: Parts,
  { conversation, address }: { readonly conversation: string; readonly address: Address },
  memory: Memory,
  cause: Cause,
  naming: Naming,
  plan: Plan,
  { through: acknowledgedThrough, parked }: Acknowledging
): Ready {
  return asDefect(cause.event, () => {
    const nowMs = parts.time.nowMs()
    const place = { conversation, epoch: naming.epoch }
    const replies = tracked(parts, plan, owedBy(plan, parts.process, nowMs))
    const opened = openedCall(parts, place, memory, plan, nowMs)
    const record = nextRecord(parts, memory, plan, cause, opened?.call ?? null, nowMs)
    checkRecord(parts, plan.before, record)
    const rows = replyRows(parts, address, plan, replies)
    const { epoch, version } = naming
    const text = encodeRecord(record, { conversation, epoch, version, ring: parts.ring })
    const through = acknowledgedThrough > memory.acknowledgedThrough ? acknowledgedThrough : null
    const closeCalls = closed(plan.before, record)
    const setAside = leftBehind(memory, plan.taken, closeCalls)
    const told = noted(memory, plan, setAside, parked)
    const commit: Commit = {
      parent: memory.fence,
      epoch: naming.epoch,
      head: naming.head,
      record: text,
      attached: attachedCall(record) !== undefined,
      unreadable: memory.recovery?.raw ?? null,
      fingerprint: printOf(address, cause),
      history: history(parts, memory, version, nowMs, told, record, text),
      replies: rows,
      openCall: rowOf(opened),
      closeCalls,
      effect: opened?.call.effect ?? false,
      dueMs: nextDue(parts, memory, plan, record, {
        nowMs,
        channel: address.channel,
        owed: [...stillOwed(memory, through), ...replies]
      }),
      activeMs: nowMs,
      acknowledgedThrough: through,
      take: plan.taken,
      append: appended(parts, place, plan),
      park: parkedOf(parts, place, plan, cause, nowMs),
      // What was damaged may have stood on the list of held conversations, or should have.
      held: memory.recovery === null ? heldIn(plan) : plan.held !== null,
      setAside: [
        ...parkedWith(memory, setAside, nowMs),
        ...parked.map(one => refusedRow(parts, place, plan, address, version, one, nowMs))
      ]
    }
    return { commit, record, opened, replies, setAside, parked }
  })
}

/** The texts that are parked beside an event that was given up. */
function parkedWith(
  { recovery }: Memory,
  rows: readonly SpoiltRow[],
  at: number
): readonly string[] {
  return [...(recovery?.others ?? []), ...rows.map(row => spoiltText(row, at))]
}

function nextDue(
  parts: Parts,
  { inbox, spoilt }: Memory,
  { taken, append }: Plan,
  record: ConversationRecord,
  {
    nowMs,
    channel,
    owed
  }: { readonly nowMs: number; readonly channel: string; readonly owed: Ready['replies'] }
): number | null {
  const isWaiting = (row: InboxRow): boolean => !spoilt.inbox.has(row) && isFree(record)
  const owedAtMs = parts.channel(channel) === undefined ? [] : owedAt(owed)
  const waiting = inbox.slice(taken).some(isWaiting) || (append !== null && isFree(record))
  return dueOf(parts, record, { nowMs, waiting, owedAtMs })
}

/** The plan, its audit telling also of another schema and of damaged rows. */
function noted(
  { migratedFrom: from }: Memory,
  plan: Plan,
  setAside: readonly SpoiltRow[],
  parked: readonly ParkedReply[]
): Plan {
  if (from === null && setAside.length + parked.length === 0) return plan
  const { schema: to } = plan.next
  const brought = from === null ? [] : [{ kind: 'migrated' as const, from, to }]
  const notes = [...setAside.map(spoiltNote), ...parked.map(refusedNote)]
  return { ...plan, audit: [...brought, ...plan.audit, ...notes] }
}

function refusedNote({ refused: { key: reply, why } }: ParkedReply): AuditNote {
  return { kind: 'replyParked', reply, why }
}

function refusedRow(
  parts: Parts,
  place: RowPlace,
  { before }: Plan,
  { channel: name }: Address,
  version: number,
  { owed, refused }: ParkedReply,
  at: number
): string {
  const { key, why, code } = refused
  const where = before === null ? 'none' : whereIn(parts, before)
  const known = { key, at, where, version, why, provider: code }
  return parkedReplyRow(parts.ring, place, {
    ...known,
    fingerprint: causeOfRefusal({ name }, refused),
    owed
  })
}

/** The replies of all steps, each owed to the event at the root of its step. */
function owedBy({ steps }: Plan, by: string, at: number): Ready['replies'] {
  const owed: Omit<Undelivered, 'sequence' | 'row'>[] = []
  for (const { event, root, replies } of steps) {
    const again = isResendCommand(event) ? event.owed : null
    for (const reply of replies) owed.push({ cause: root, by, at, ...again, reply })
  }
  return owed
}

/** The last reply bears the prompt, when this commit opens or shows one that is asked about. */
function tracked(
  { program }: Parts,
  { before, next }: Plan,
  owed: Ready['replies']
): Ready['replies'] {
  const last = owed.at(-1)
  const prompt = last === undefined ? null : (program.tracks?.(next) ?? null)
  if (last === undefined || prompt === null) return owed
  const isShown = 'instance' in last.reply && last.reply.instance === prompt
  if (!isShown && before?.flow.prompt?.instance === prompt) return owed
  return [...owed.slice(0, -1), { ...last, prompt }]
}

function printOf(address: Address, { event, fromInbox }: Cause): Uint8Array | null {
  return !fromInbox && isFromOutside(event) ? fingerprint(address, event.id) : null
}

function appended({ ring }: Parts, place: RowPlace, { append, held }: Plan): InboxRow | null {
  if (append === null) return null
  return { why: held === null ? 'call' : 'hold', row: inboxRow(ring, place, append) }
}

function parkedOf(
  parts: Parts,
  place: RowPlace,
  { before }: Plan,
  { event, parked, fault }: Cause,
  at: number
): string | null {
  if (parked === null) return null
  // What waits is not given up: only what can wait nowhere is parked by a hold.
  if (parked.how === 'hold' && event.kind !== 'CallSettled') return null
  const { why: failed } = parked
  const where = before === null ? 'none' : whereIn(parts, before)
  return parkedRow(parts.ring, place, { event, failed, at, where, fault })
}

function stillOwed({ undelivered }: Memory, through: number | null): readonly Undelivered[] {
  return undelivered.filter(({ sequence }) => sequence > (through ?? 0))
}

/** When the undelivered replies were committed. */
export function owedAt(undelivered: readonly Pick<Undelivered, 'at'>[]): readonly number[] {
  return undelivered.map(({ at }) => at)
}

/** Longest pause between looks at replies that wait, in ms. */
const LONGEST_REST_MS = 3_600_000

/** When the conversation must be looked at next: timers, open calls, replies, waiting rows. */
export function dueOf(
  parts: Pick<Parts, 'limits' | 'channel'>,
  record: ConversationRecord,
  { nowMs, waiting, owedAtMs }: { nowMs: number; waiting: boolean; owedAtMs: readonly number[] }
): number | null {
  if (waiting) return nowMs
  const { leaseMs } = parts.limits
  let due = Number.POSITIVE_INFINITY
  const { held } = record.meta
  // While it is held its timers stay set and do nothing.
  const timers = record.timers.filter(({ id }) => held === undefined || runsWhileHeld(held, id))
  for (const { dueMs } of timers) due = Math.min(due, dueMs)
  // This process drives its calls and replies itself; another may look after the lease.
  if (record.calls.some(isDriven)) due = Math.min(due, nowMs + leaseMs)
  if (owedAtMs.length > 0) {
    // A reply that waits for long waits for its member, who wakes the conversation by coming back.
    const restMs = Math.max(leaseMs, Math.min(LONGEST_REST_MS, nowMs - Math.max(...owedAtMs)))
    due = Math.min(due, nowMs + restMs)
    // Nor need any wait longer than for the end of the lease that its commit gave.
    const replyMs = replyLeaseMs(parts.limits, parts.channel(record.core.channel.channel))
    for (const atMs of owedAtMs) if (atMs + replyMs > nowMs) due = Math.min(due, atMs + replyMs)
  }
  return due === Number.POSITIVE_INFINITY ? null : due
}

function closed(before: ConversationRecord | null, after: ConversationRecord): string[] {
  if (before === null) return []
  return before.calls
    .map(({ key }) => key)
    .filter(key => !after.calls.some(call => call.key === key))
}

function rowOf(opened: Opened | null): Commit['openCall'] {
  return opened === null || opened.row === null ? null : { key: opened.call.key, row: opened.row }
}

function history(
  parts: Parts,
  { recovery, migratedFrom }: Memory,
  version: number,
  nowMs: number,
  plan: Plan,
  record: ConversationRecord,
  text: string
): string {
  const { before, steps, audit } = plan
  const from = before === null ? null : parts.program.place(before)
  const to = parts.program.place(record)
  const whole =
    version % 5 === 0 || from?.stage !== to.stage || recovery !== null || migratedFrom !== null
  return historyRow({
    version,
    at: nowMs,
    schema: record.schema,
    causes: steps.map(({ event }) => ({ kind: event.kind, id: event.id })),
    from: from === null ? 'none' : `${from.flow}.${from.step}`,
    to: `${to.flow}.${to.step}`,
    ...changed(before, record),
    notes: audit,
    ...(whole ? { full: text } : {})
  })
}
