import type { Receipt } from '../channel/channel.ts'
import { isFromOutside, type TurnEvent } from '../conversation/turn-event.ts'
import type { CommitOutcome } from '../store/conversation-store.ts'
import type { Cell } from './cell.ts'
import type { Ready } from './commit-of.ts'
import type { Memory, Undelivered } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Plan } from './plan.ts'

type Committed = Extract<CommitOutcome, { tag: 'committed' }>

/** After a commit: remember it, hand its replies and its call on, answer the caller. */
export function landed(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  plan: Plan,
  ready: Ready,
  outcome: Committed
): Receipt {
  const fresh = ready.replies.map(({ cause, reply }, index) => ({
    sequence: outcome.firstSequence + index,
    cause,
    reply
  }))
  const next = remembered(memory, plan, ready, outcome, fresh)
  cell.memory = next
  sendOff(parts, cell, next, fresh)
  if (ready.opened !== null) {
    const { call, intent } = ready.opened
    const { core } = ready.record
    parts.calls.start({
      conversation: cell.id,
      key: call.key,
      name: call.name,
      input: intent.input,
      core
    })
  }
  for (const { event, root, replies, record } of plan.steps) {
    const trace = { conversation: cell.id, event, cause: root, version: outcome.fence.version }
    parts.listeners.emit('turn', { ...trace, record, replies })
  }
  if (plan.append !== null) return { tag: 'deferred' }
  return {
    tag: 'committed',
    version: outcome.fence.version,
    replies: handed(parts, cell, next, fresh)
  }
}

/** A repeated event: nothing was decided, but what it is still owed goes out again. */
export function receiptOfDuplicate(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  event: TurnEvent
): Receipt {
  sendOff(parts, cell, memory, memory.undelivered)
  const owed = isSynchronous(parts, cell) && isFromOutside(event)
  const replies = memory.undelivered.filter(({ cause }) => owed && cause === event.id)
  return { tag: 'duplicate', replies: replies.map(({ reply }) => reply) }
}

/** Hands undelivered replies to the outbox, unless their channel only answers by receipts. */
export function sendOff(
  parts: Parts,
  cell: Cell,
  { fence }: Memory,
  rows: readonly Undelivered[]
): void {
  if (cell.address === null || fence === null || isSynchronous(parts, cell)) return
  const sent = cell.sent.epoch === fence.epoch ? cell.sent.through : 0
  const queued = rows
    .filter(({ sequence }) => sequence > sent)
    .map(({ sequence, reply }) => ({
      sequence,
      reply,
      epoch: fence.epoch,
      key: `${cell.id}.${fence.epoch}.${sequence}`
    }))
  if (queued.length > 0) parts.outbox.deliver(cell.id, cell.address, queued)
}

function isSynchronous(parts: Parts, { address }: Cell): boolean {
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
  const sent = cell.sent.epoch === fence.epoch ? cell.sent.through : 0
  const owed = undelivered.filter(({ sequence }) => sequence > sent)
  const last = owed[owed.length - 1]
  if (last !== undefined) cell.sent = { epoch: fence.epoch, through: last.sequence }
  return owed.map(({ reply }) => reply)
}

function remembered(
  memory: Memory,
  plan: Plan,
  { commit, record, opened }: Ready,
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
    calls:
      opened === null
        ? calls
        : [
            ...calls.filter(({ key }) => key !== opened.call.key),
            { key: opened.call.key, row: opened.row }
          ],
    inbox: commit.append === null ? inbox : [...inbox, commit.append],
    undelivered: [...kept, ...fresh],
    acknowledgedThrough: through,
    dueMs: outcome.dueMs
  }
}
