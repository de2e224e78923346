import type { Receipt } from '../channel/channel.ts'
import { isFromOutside } from '../conversation/turn-event.ts'
import { pause } from '../kernel/clock.ts'
import { type Failure, failure, failureOf } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { directiveFor } from '../supervision/policy.ts'
import { renewLeases } from './call-leases.ts'
import type { Cell, Envelope, Fault } from './cell.ts'
import { flush } from './flush.ts'
import { sendOff } from './landed.ts'
import type { Parts } from './parts.ts'
import { tellTrouble } from './tell-trouble.ts'
import { type Losses, takeEvent } from './turn.ts'
import { defectOf, TurnDefect } from './turn-defect.ts'
import { type Take, takeInTurn, wake } from './wake.ts'

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
  const { work } = envelope
  const away = turnedAway(parts, cell, envelope)
  if (away !== null) return away
  const take = taking(parts, cell, envelope)
  try {
    if (work === 'flush') await flushed(parts, cell)
    if (work === 'lease') await renewLeases(parts, cell)
    const shed = work === 'wake' ? await wake(parts, cell, take) : null
    if (typeof work !== 'string') return await takeInTurn(parts, cell, take, work)
    return shed ?? { tag: 'committed', version: cell.seen?.version ?? 0, replies: [] }
  } catch (error) {
    if (error instanceof TurnDefect) throw error
    return outOfReach(parts, cell, error)
  }
}

/** Writes acknowledgements, then turns to the replies behind those that are gone now. */
async function flushed(parts: Parts, cell: Cell): Promise<void> {
  await flush(parts, cell)
  if (cell.memory !== null) sendOff(parts, cell, cell.memory)
}

/** Takes events for this envelope: one that was given up is parked, any commit clears the count. */
function taking(parts: Parts, cell: Cell, envelope: Envelope): Take {
  const losses: Losses = { inARow: 0 }
  return async cause => {
    const { fault } = envelope
    const parking = fault?.eventId === cause.event.id ? fault.parking : null
    const parked = fault === null || parking === null ? null : { how: parking, why: fault.failure }
    const receipt = await takeEvent(parts, cell, { ...cause, parked }, losses)
    if (receipt?.tag === 'parked' && fault !== null) tellParked(parts, cell, fault)
    if (receipt?.tag === 'parked' || receipt?.tag === 'committed') envelope.fault = null
    return receipt
  }
}

/** What somebody is told who has waited here for as long as a turn may, with the store away. */
function turnedAway(
  { gate, clock, limits }: Parts,
  { id }: Cell,
  { work, sinceMs }: Envelope
): Receipt | null {
  if (typeof work === 'string' || !isFromOutside(work)) return null
  if (clock.monotonicMs() - sinceMs < limits.turnMs) return null
  const away = gate.turnedAway(id)
  return away === null ? null : { tag: 'shed', ...away }
}

/** The store could not be used, or what it holds could not: nothing is acknowledged. */
function outOfReach(parts: Parts, cell: Cell, error: unknown): Receipt {
  cell.memory = null
  const failed =
    failureOf(error) ?? failure('CHP_STORE_UNAVAILABLE', `${whatWasThrown(error)}.`, error)
  const { code, detail } = failed
  // An outage is told as one, not event by event.
  const away = failed.tag === 'Unavailable' ? parts.gate.turnedAway(cell.id) : null
  parts.log[away === null ? 'warn' : 'debug'](
    { event: 'turn.shed', conversation: cell.id, code, detail },
    'event not taken, it stays unacknowledged'
  )
  tellTrouble(parts, cell, error)
  return { tag: 'shed', reason: code, retryAfterMs: away?.retryAfterMs ?? 1_000 }
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
  const { eventId, failed } = failedOf(error, envelope)
  const before = envelope.fault?.eventId === eventId ? envelope.fault : null
  if (before !== null && before.parking !== null) {
    resetFailed(parts, cell, envelope, before, failed)
    return
  }
  const runs = (before?.runs ?? 0) + 1
  const directive = directiveFor(parts.policy, runs)
  const parking = directive.tag === 'reset' ? 'reset' : null
  envelope.fault = { eventId, failure: failed, runs, parking }
  const fields = { conversation: cell.id, code: failed.code, detail: failed.detail, attempt: runs }
  parts.log.error(
    { event: 'actor.crashed', directive: directive.tag, ...fields },
    'the bot failed on an event'
  )
  if (directive.tag === 'reset') return
  parts.listeners.emit('restarted', { conversation: cell.id, attempt: runs, failure: failed })
  await pause(parts.clock, fullJitterMs(parts.random, parts.policy.backoff, directive.attempt - 1))
}

function failedOf(error: unknown, { work }: Envelope): { eventId: string; failed: Failure } {
  if (error instanceof TurnDefect) return { eventId: error.event.id, failed: error.failure }
  return { eventId: typeof work === 'string' ? work : work.id, failed: defectOf(error) }
}

/**
 * Even the reset failed: a person is told, and the event is parked with the state as it was, so
 * that it stops nothing behind it. Where not even that can be committed it is shed, and may come
 * again.
 */
function resetFailed(
  parts: Parts,
  cell: Cell,
  envelope: Envelope,
  fault: Fault,
  failed: Failure
): void {
  const { code, detail } = failed
  const fields = { conversation: cell.id, code, detail }
  if (fault.parking === 'reset') {
    parts.log.error({ event: 'reset.failed', ...fields }, 'parked without a reset')
    parts.listeners.emit('alarm', { conversation: cell.id, failure: failed })
    envelope.fault = { ...fault, parking: 'aside' }
    return
  }
  parts.log.error({ event: 'park.failed', ...fields }, 'the event is shed')
  if (!cell.mailbox.settle(envelope)) return
  envelope.settle({ tag: 'shed', reason: code, retryAfterMs: 60_000 })
}

function tellParked(parts: Parts, cell: Cell, { eventId, failure: why }: Fault): void {
  const { code } = why
  parts.log.error({ event: 'event.parked', conversation: cell.id, code }, 'the event is parked')
  parts.listeners.emit('parked', { conversation: cell.id, failure: why, event: eventId })
}
