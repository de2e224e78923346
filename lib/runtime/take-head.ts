import type { Receipt } from '../channel/channel.ts'
import { pause } from '../kernel/clock.ts'
import { type Failure, failure, failureOf } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import { directiveFor } from '../supervision/policy.ts'
import type { Cell, Envelope } from './cell.ts'
import type { Parts } from './parts.ts'
import { type Cause, TurnDefect } from './plan.ts'
import { deadlineOf, remember, takeEvent } from './turn.ts'
import { takeWaiting, wake } from './wake.ts'

/**
 * Takes the head of a mailbox to its end; the head leaves only then.
 *
 * Throws only `TurnDefect`: the actor crashes, and `afterCrash` decides what becomes of the event.
 * Trouble with the store is not a crash: memory is dropped and the event is shed.
 */
export async function takeHead(parts: Parts, cell: Cell): Promise<void> {
  const envelope = cell.mailbox.head
  if (envelope === undefined) return
  const { incarnation } = cell
  const receipt = await receiptFor(parts, cell, envelope)
  if (cell.incarnation !== incarnation || !cell.mailbox.settle(envelope)) return
  envelope.settle(receipt)
}

async function receiptFor(parts: Parts, cell: Cell, envelope: Envelope): Promise<Receipt> {
  const take = async (cause: Omit<Cause, 'parked'>): Promise<Receipt> => {
    const { failed, parked } = envelope
    const isParked = parked && failed?.eventId === cause.event.id
    const receipt = await takeEvent(parts, cell, {
      ...cause,
      parked: isParked ? failed.failure : null
    })
    if (!isParked || receipt.tag !== 'committed') return receipt
    tellParked(parts, cell, failed)
    return { tag: 'parked' }
  }
  try {
    if (envelope.event === null) {
      await wake(parts, cell, take)
      return { tag: 'committed', version: cell.memory?.fence?.version ?? 0, replies: [] }
    }
    const memory = cell.memory ?? (await remember(parts, cell, deadlineOf(parts)))
    // What waits in the inbox arrived before this event.
    if (memory.inbox.length > 0) await takeWaiting(parts, cell, take)
    return await take({ event: envelope.event, fromInbox: false })
  } catch (error) {
    if (error instanceof TurnDefect) throw error
    return outOfReach(parts, cell, error)
  }
}

/** The store could not be used, or what it holds could not: nothing is acknowledged. */
function outOfReach(parts: Parts, cell: Cell, error: unknown): Receipt {
  cell.memory = null
  const failed = failureOf(error) ?? failure('CHP_STORE_UNAVAILABLE', 'Unforeseen failure.', error)
  parts.log.warn(
    { event: 'turn.shed', conversation: cell.id, code: failed.code, detail: failed.detail },
    'event not taken, it stays unacknowledged'
  )
  if (failed.tag === 'Corrupt') {
    parts.listeners.emit('alarm', { conversation: cell.id, failure: failed })
  }
  return { tag: 'shed', reason: failed.code, retryAfterMs: 1_000 }
}

/**
 * What supervision does after a crash, while the actor stays busy: rebuild it from the last valid
 * snapshot and take the event again after a pause, or give the event up for a reset.
 *
 * Never throws: a supervisor that throws ends the process (nact 7.6.2, actor.js:158).
 */
export async function afterCrash(parts: Parts, cell: Cell, error: unknown): Promise<void> {
  cell.incarnation += 1
  cell.memory = null
  const envelope = cell.mailbox.head
  if (envelope === undefined) return
  const failed = failedOf(error, envelope)
  if (envelope.parked && envelope.failed?.eventId === failed.eventId) {
    giveUp(parts, cell, envelope, failed.failure)
    return
  }
  envelope.failures = envelope.failed?.eventId === failed.eventId ? envelope.failures + 1 : 1
  envelope.failed = failed
  const directive = directiveFor(parts.policy, envelope.failures)
  const fields = { conversation: cell.id, code: failed.failure.code, attempt: envelope.failures }
  parts.log.error(
    { event: 'actor.crashed', directive: directive.tag, detail: failed.failure.detail, ...fields },
    'the bot failed on an event'
  )
  if (directive.tag === 'reset') {
    envelope.parked = true
    return
  }
  const { conversation, attempt } = fields
  parts.listeners.emit('restarted', { conversation, attempt, failure: failed.failure })
  await pause(parts.clock, fullJitterMs(parts.random, parts.policy.backoff, directive.attempt - 1))
}

function failedOf(error: unknown, { event }: Envelope): NonNullable<Envelope['failed']> {
  if (error instanceof TurnDefect) return { eventId: error.event.id, failure: error.failure }
  const detail = error instanceof Error ? error.message : 'A thrown value.'
  return {
    eventId: event?.id ?? 'wake',
    failure: failure('CHP_DECIDE_THREW', detail, error)
  }
}

/** Even the reset failed: the event is refused, so that its sender knows, and a person is told. */
function giveUp(parts: Parts, cell: Cell, envelope: Envelope, failed: Failure): void {
  parts.log.error(
    { event: 'reset.failed', conversation: cell.id, code: failed.code },
    'reset failed'
  )
  parts.listeners.emit('alarm', { conversation: cell.id, failure: failed })
  if (!cell.mailbox.settle(envelope)) return
  envelope.settle({ tag: 'shed', reason: failed.code, retryAfterMs: 60_000 })
}

function tellParked(parts: Parts, cell: Cell, failed: NonNullable<Envelope['failed']>): void {
  const { eventId, failure: why } = failed
  parts.log.error(
    { event: 'event.parked', conversation: cell.id, code: why.code },
    'reset to MENU, the event is parked'
  )
  parts.listeners.emit('parked', { conversation: cell.id, failure: why, event: eventId })
}
