import type { Receipt } from '../channel/channel.ts'
import type { Held } from '../conversation/record.ts'
import { isFromOutside, isOrder, type TurnEvent } from '../conversation/turn-event.ts'
import { replyLeaseMs } from '../outbox/reply-lease.ts'
import type { CommitOutcome } from '../store/conversation-store.ts'
import { isHeadOf } from '../store/identity.ts'
import { type Cell, saw, sentThrough } from './cell.ts'
import type { Ready } from './commit-of.ts'
import { acknowledgeSoon, carried } from './flush.ts'
import { heldIn } from './hold.ts'
import type { Memory, Undelivered } from './memory.ts'
import { isOurs, NOBODY, ownUntil } from './ours.ts'
import type { Parts } from './parts.ts'
import type { Cause, Plan } from './planned.ts'
import { tellParked } from './refused-replies.ts'
import { replyKey } from './reply-key.ts'
import { isFree } from './waiting.ts'

type Committed = Extract<CommitOutcome, { tag: 'committed' }>

/** After a commit: remember it, hand its replies and its call on, answer the caller. */
export function landed(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  cause: Cause,
  plan: Plan,
  ready: Ready,
  outcome: Committed
): Receipt {
  // Field by field: a spread here costs more than all the rest of this function.
  const fresh = ready.replies.map((owed, index) => ({
    sequence: outcome.firstSequence + index,
    row: ready.commit.replies[index]!,
    cause: owed.cause,
    by: owed.by,
    at: owed.at,
    reply: owed.reply,
    prompt: owed.prompt,
    key: owed.key
  }))
  const next = remembered(memory, plan, ready, outcome, fresh)
  const { version, epoch } = outcome.fence
  if (cause.event.kind === 'Inbound') cell.heardAtMs = cause.event.arrivedAtMs
  cell.memory = next
  tellParked(parts, cell, ready.parked)
  saw(cell, outcome.fence, parts.time.nowMs())
  noteShared(parts, cell, memory)
  carried(cell, epoch, next.acknowledgedThrough)
  // Of many that are woken in one second nobody waits for an answer just now.
  sendOff(parts, cell, next, cause.event.kind !== 'TimerDue')
  if (ready.opened !== null && ready.opened.row !== null) {
    const { call, input, resumed } = ready.opened
    const { key, name } = call
    const { core } = ready.record
    parts.calls.start({ conversation: cell.id, key, name, input, core, resumed })
  }
  // What is to be read back from now on, or cannot be made, is found by a look at all that is open.
  if (newlyLeft(memory, ready) || ready.opened?.row === null) void parts.push(cell.id, 'wake')
  if (parts.listeners.hear('turn')) tellTurns(parts, cell, plan, version)
  if (plan.held !== null && heldIn(plan) === true) tellHeld(parts, cell, plan.held, version)
  // Who met a recovery is answered by it, on any channel.
  const given = cause.parked?.how ?? 'recovery'
  if (given === 'hold') return { tag: cause.event.kind === 'CallSettled' ? 'parked' : 'deferred' }
  if (given !== 'recovery') return { tag: 'parked' }
  if (plan.append !== null && !isOrder(cause.event)) return { tag: 'deferred' }
  // Only the event a member's caller waits for has a receipt to hand replies over with.
  const isAnswer = !cause.fromInbox && isAnswered(cause.event)
  const replies = isAnswer ? handed(parts, cell, next, fresh) : fresh.map(({ reply }) => reply)
  return { tag: 'committed', version, replies }
}

function newlyLeft({ record: before }: Memory, { record }: Ready): boolean {
  return record.calls.some(
    ({ key, unresolved }) =>
      unresolved === 'left' &&
      before?.calls.some(call => call.key === key && call.unresolved === 'left') !== true
  )
}

const SHARED_COMMITS = 8

/** A commit on top of another process's: for a while the next one may come from there again. */
function noteShared({ instance }: Parts, cell: Cell, { fence: parent }: Memory): void {
  const isOwn = parent === null || parent.version === 0 || isHeadOf(instance, parent.head)
  if (!isOwn) cell.shared = SHARED_COMMITS
  else if (cell.shared > 0) cell.shared -= 1
}

function tellTurns({ listeners }: Parts, { id }: Cell, { steps }: Plan, version: number): void {
  for (const { event, root, replies, record } of steps) {
    listeners.emit('turn', { conversation: id, event, cause: root, version, record, replies })
  }
}

function tellHeld({ listeners }: Parts, { id }: Cell, held: Held, version: number): void {
  const { by, handover = false } = held
  listeners.emit('held', { conversation: id, version, by, handover })
}

/** A repeated event: nothing was decided, but what it is still owed goes out again. */
export function receiptOfDuplicate(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  event: TurnEvent
): Receipt {
  sendOff(parts, cell, memory, true)
  const owed = isSynchronous(parts, cell) && isAnswered(event)
  const replies = memory.undelivered.filter(({ cause }) => owed && cause === event.id)
  return { tag: 'duplicate', replies: replies.map(({ reply }) => reply) }
}

// What an operator does the member hears of by the channel, or with the next receipt.
function isAnswered(event: TurnEvent): boolean {
  return isFromOutside(event) && event.kind !== 'OperatorCommand'
}

/**
 * Hands undelivered replies to the outbox, in order and none left out, unless their channel only
 * answers by receipts.
 *
 * What another process committed is its to send while its lease runs; ours wait behind it.
 */
export function sendOff(parts: Parts, cell: Cell, memory: Memory, isAwaited = false): void {
  const { fence, undelivered } = memory
  if (cell.address === null || fence === null || isSynchronous(parts, cell)) return
  // Who sends nothing keeps nobody else from it.
  if (parts.process === NOBODY) return
  const { id, address } = cell
  const { epoch } = fence
  const sent = sentThrough(cell, epoch)
  const owed = undelivered.filter(({ sequence }) => sequence > sent)
  // The store lost an acknowledgement that was written: nothing else would write it again.
  if (owed.length < undelivered.length) acknowledgeSoon(parts, cell)
  if (owed.length === 0) {
    cell.listening = false
    return
  }
  const untilMs = parts.time.nowMs() - replyLeaseMs(parts.limits, parts.channel(address.channel))
  const foreign = owed.findIndex(row => !isOurs(parts, row) && row.at > untilMs)
  const ready = foreign < 0 ? owed : owed.slice(0, foreign)
  const queued = ready.map(owing => ({
    sequence: owing.sequence,
    row: owing.row,
    reply: owing.reply,
    prompt: owing.prompt,
    epoch,
    by: owing.by,
    at: owing.at,
    ownUntilMs: ownUntil(parts, owing),
    key: replyKey(id, epoch, owing),
    isAgain: owing.key !== undefined
  }))
  const mayBeSent = ready.some(row => !isOurs(parts, row))
  const note = { heardAtMs: heardAt(cell, memory), mayBeSent, isAwaited }
  if (queued.length > 0) parts.outbox.deliver(id, address, queued, note)
  const waiting = owed.slice(ready.length)
  if (waiting.length === 0) cell.listening = false
  if (!cell.listening && !waiting.some(row => isOurs(parts, row))) return
  // Rows of ours come first: those behind them are looked at when ours have gone.
  lookAgain(parts, cell, ready.length > 0 ? null : owed[0]!.sequence)
}

/** When the member wrote last; not known while what they write waits, for it is not read then. */
function heardAt(cell: Cell, { record, inbox }: Memory): number | null {
  if (record === null || inbox.length > 0 || !isFree(record)) return null
  const { updatedAt, updatedBy } = record.meta
  // A program that is no flow may leave the clock of the session as it was.
  const lastMs = updatedBy.kind === 'Inbound' ? updatedAt : 0
  return Math.max(record.session.lastMessageAt, lastMs, cell.heardAtMs)
}

const LOOK_FIRST_MS = 20

/**
 * Looks again soon whether the replies before ours are gone: often while they do go, and less and
 * less often while they do not, for their process may be dead.
 */
function lookAgain({ clock, limits, push }: Parts, cell: Cell, behind: number | null): void {
  if (cell.behind.sequence !== behind) {
    cell.behind = { sequence: behind, looks: 0 }
    cell.look?.()
    cell.look = null
  }
  if (cell.look !== null) return
  const soonMs =
    behind === null ? limits.acknowledgeWithinMs : LOOK_FIRST_MS * 2 ** cell.behind.looks
  cell.behind.looks += 1
  cell.look = clock.after(Math.min(soonMs, limits.acknowledgeWithinMs), () => {
    cell.look = null
    void push(cell.id, 'wake')
  })
}

/** True when the conversation's channel takes replies only from receipts. */
export function isSynchronous(parts: Parts, { address }: Cell): boolean {
  return address === null || parts.channel(address.channel) === undefined
}

/**
 * Replies for the receipt. On a channel that only answers by receipts these are all that were not
 * handed over yet; the member's next message then acknowledges them.
 */
function handed(
  parts: Parts,
  cell: Cell,
  { fence, undelivered }: Memory,
  fresh: readonly Undelivered[]
): Undelivered['reply'][] {
  if (fence === null || !isSynchronous(parts, cell)) return fresh.map(({ reply }) => reply)
  const { epoch } = fence
  const sent = sentThrough(cell, epoch)
  const owed = undelivered.filter(({ sequence }) => sequence > sent)
  const last = owed.at(-1)
  if (last !== undefined) cell.sent = { epoch, through: last.sequence, row: last.row }
  return owed.map(({ reply }) => reply)
}

function remembered(
  memory: Memory,
  plan: Plan,
  { commit, record }: Ready,
  outcome: Committed,
  fresh: readonly Undelivered[]
): Memory {
  const through = Math.max(memory.acknowledgedThrough, commit.acknowledgedThrough ?? 0)
  const kept = memory.undelivered.filter(({ sequence }) => sequence > through)
  const calls =
    commit.closeCalls.length === 0
      ? memory.calls
      : memory.calls.filter(({ key }) => !commit.closeCalls.includes(key))
  const inbox = plan.taken === 0 ? memory.inbox : memory.inbox.slice(plan.taken)
  return {
    fence: outcome.fence,
    record,
    migratedFrom: null,
    recovery: null,
    blocked: null,
    aliasOf: null,
    effectAt: commit.effect ? outcome.fence.version : memory.effectAt,
    calls:
      commit.openCall === null
        ? calls
        : [...calls.filter(({ key }) => key !== commit.openCall?.key), commit.openCall],
    inbox: commit.append === null ? inbox : [...inbox, commit.append],
    undelivered: [...kept, ...fresh],
    spoilt: memory.spoilt.replies.length === 0 ? memory.spoilt : { ...memory.spoilt, replies: [] },
    messageWaits: false,
    acknowledgedThrough: through,
    dueMs: outcome.dueMs
  }
}
