import { createHash } from 'node:crypto'
import type { Address } from '../conversation/address.ts'
import type { CallIntent } from '../conversation/decision.ts'
import { attachedCall, type Call, type ConversationRecord } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import { isFromOutside } from '../conversation/turn-event.ts'
import { failure } from '../kernel/failure.ts'
import type { Commit } from '../store/conversation-store.ts'
import { encodeRecord } from '../store/envelope.ts'
import { fingerprint } from '../store/identity.ts'
import { changed, historyRow } from './history-row.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import { type Cause, isFree, type Naming, type Plan, TurnDefect } from './plan.ts'
import { callRow, inboxRow, parkedRow, replyRow } from './rows.ts'

/** A commit ready to be sent, with what the actor will remember when it lands. */
export interface Ready {
  readonly commit: Commit
  readonly record: ConversationRecord
  readonly opened: { readonly call: Call; readonly intent: CallIntent; readonly row: string } | null
  readonly replies: readonly { readonly cause: string; readonly reply: Reply }[]
}

/**
 * Turns a plan into the one commit that makes it true.
 *
 * Throws `TurnDefect` when the bot decided what its codecs refuse, or a reply that its channel can
 * never send: both before anything is written.
 */
export function commitOf(
  parts: Parts,
  { conversation, address }: { conversation: string; address: Address },
  memory: Memory,
  cause: Cause,
  naming: Naming,
  plan: Plan,
  acknowledgedThrough: number
): Ready {
  const nowMs = parts.time.nowMs()
  const opened = openedCall(naming.epoch, plan, nowMs)
  const record = finished(plan, cause, opened?.call ?? null, nowMs)
  const replies = plan.steps.flatMap(step =>
    step.replies.map(reply => ({ cause: step.root, reply }))
  )
  check(parts, address, cause, record, replies)
  const place = { conversation, epoch: naming.epoch }
  const row = opened === null ? '' : callRow(parts.ring, place, opened.call, opened.intent)
  const text = encodeRecord(record, { ...place, version: naming.version, ring: parts.ring })
  const { event, parked } = cause
  const commit: Commit = {
    parent: memory.fence,
    epoch: naming.epoch,
    head: naming.head,
    record: text,
    attached: attachedCall(record) !== undefined,
    unreadable: null,
    fingerprint: !cause.fromInbox && isFromOutside(event) ? fingerprint(address, event.id) : null,
    history: history(parts, naming.version, nowMs, plan, record, text),
    replies: replies.map(({ cause: root, reply }) => replyRow(root, nowMs, reply)),
    openCall: opened === null ? null : { key: opened.call.key, row },
    closeCalls: closed(plan.before, record),
    effect: opened?.call.effect ?? false,
    dueMs: dueOf(parts, record, {
      nowMs,
      waiting: memory.inbox.slice(plan.taken).some(held => isFree(held, record)),
      undelivered:
        parts.channel(address.channel) !== undefined &&
        (replies.length > 0 || memory.undelivered.length > 0)
    }),
    activeMs: nowMs,
    acknowledgedThrough:
      acknowledgedThrough > memory.acknowledgedThrough ? acknowledgedThrough : null,
    take: plan.taken,
    append:
      plan.append === null ? null : { why: 'call', row: inboxRow(parts.ring, place, plan.append) },
    park:
      parked === null
        ? null
        : parkedRow(parts.ring, place, {
            event,
            failed: parked,
            at: nowMs,
            where: plan.before === null ? 'none' : whereIn(parts, plan.before)
          })
  }
  return { commit, record, opened: opened === null ? null : { ...opened, row }, replies }
}

/** When the conversation must be looked at next: timers, open calls, replies, waiting rows. */
export function dueOf(
  parts: Pick<Parts, 'limits'>,
  record: ConversationRecord,
  { nowMs, waiting, undelivered }: { nowMs: number; waiting: boolean; undelivered: boolean }
): number | null {
  if (waiting) return nowMs
  let due = Number.POSITIVE_INFINITY
  for (const { dueMs } of record.timers) due = Math.min(due, dueMs)
  // This process drives its calls and replies itself; another may look after the lease.
  if (record.calls.length > 0 || undelivered) due = Math.min(due, nowMs + parts.limits.leaseMs)
  return due === Number.POSITIVE_INFINITY ? null : due
}

/** `FLOW.step`, as history rows and logs name a place. */
export function whereIn({ program }: Pick<Parts, 'program'>, record: ConversationRecord): string {
  const { flow, step } = program.place(record)
  return `${flow}.${step}`
}

function openedCall(
  epoch: string,
  plan: Plan,
  nowMs: number
): { call: Call; intent: CallIntent } | null {
  const { call: intent } = plan
  if (intent === null) return null
  const call: Call = {
    key: callKey(epoch, intent),
    name: intent.name,
    origin: intent.origin,
    cause: plan.callCause,
    effect: intent.effect,
    attached: true,
    openedAtMs: nowMs
  }
  return { call, intent }
}

/** key = f(epoch, origin, call name, digest of the input): the same answer repeats the same key. */
function callKey(epoch: string, { origin, name, input }: CallIntent): string {
  const parts = [epoch, origin, name, JSON.stringify(input ?? null)]
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
  return digest.slice(0, 24)
}

function finished(
  plan: Plan,
  { event }: Cause,
  call: Call | null,
  nowMs: number
): ConversationRecord {
  const { next } = plan
  return {
    ...next,
    calls: call === null ? next.calls : [...next.calls, call],
    meta: {
      initializedAt: plan.before?.meta.initializedAt ?? nowMs,
      updatedAt: nowMs,
      updatedBy: { kind: event.kind, id: event.id }
    }
  }
}

function check(
  parts: Parts,
  address: Address,
  { event }: Cause,
  record: ConversationRecord,
  replies: Ready['replies']
): void {
  if (!parts.program.record.is(record) || parts.program.invalid(record) !== null) {
    const why = parts.program.invalid(record) ?? 'it does not fit the codec of the record'
    const detail = `The state decided at ${whereIn(parts, record)} is refused: ${why}.`
    throw new TurnDefect(failure('CHP_DECISION_INVALID', detail), event)
  }
  const channel = parts.channel(address.channel)
  if (channel === undefined) return
  for (const { reply } of replies) {
    const why = channel.unfit(reply)
    if (why === null) continue
    const detail = `A reply of ${whereIn(parts, record)} cannot be sent by ${channel.name}: ${why}.`
    throw new TurnDefect(failure('CHP_REPLY_UNFIT', detail), event)
  }
}

function closed(before: ConversationRecord | null, after: ConversationRecord): string[] {
  if (before === null) return []
  return before.calls
    .map(({ key }) => key)
    .filter(key => !after.calls.some(call => call.key === key))
}

function history(
  parts: Parts,
  version: number,
  nowMs: number,
  plan: Plan,
  record: ConversationRecord,
  text: string
): string {
  const { before, steps, audit } = plan
  const from = before === null ? null : parts.program.place(before)
  const to = parts.program.place(record)
  const whole = version % 5 === 0 || from?.stage !== to.stage
  return historyRow({
    version,
    at: nowMs,
    causes: steps.map(({ event }) => ({ kind: event.kind, id: event.id })),
    from: from === null ? 'none' : `${from.flow}.${from.step}`,
    to: `${to.flow}.${to.step}`,
    was: changed(before, record),
    notes: audit,
    ...(whole ? { full: text } : {})
  })
}
