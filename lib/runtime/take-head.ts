import type { Receipt } from '../channel/channel.ts'
import { isFromOutside } from '../conversation/turn-event.ts'
import { failure, failureOf } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { renewLeases } from './call-leases.ts'
import type { Cell, Envelope, Fault } from './cell.ts'
import { flush } from './flush.ts'
import { sendOff } from './landed.ts'
import type { Parts } from './parts.ts'
import { superviseValue, tellGivenUp } from './supervise.ts'
import { tellTrouble } from './tell-trouble.ts'
import { type Losses, takeEvent } from './turn.ts'
import { TurnDefect } from './turn-defect.ts'
import { allParked, settleOwed, type Take, takeInTurn, wake } from './wake.ts'

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
    if (work === 'flush') await flushed(parts, cell, envelope.fault, take)
    if (work === 'lease') await renewLeases(parts, cell)
    const shed = work === 'wake' ? await wake(parts, cell, take) : null
    if (typeof work !== 'string') return await takeInTurn(parts, cell, take, work)
    return shed ?? { tag: 'committed', version: cell.seen?.version ?? 0, replies: [] }
  } catch (error) {
    if (error instanceof TurnDefect) throw error
    return outOfReach(parts, cell, envelope, error)
  } finally {
    // Where an id leads is asked each time: it may lead elsewhere, or nowhere, by then.
    if (cell.memory !== null && cell.memory.aliasOf !== null) cell.memory = null
  }
}

/** Writes acknowledgements, then turns to the replies behind those that are gone now. */
async function flushed(parts: Parts, cell: Cell, fault: Fault | null, take: Take): Promise<void> {
  if (!(await allParked(parts, cell, take, fault))) return
  await flush(parts, cell)
  if (cell.memory !== null) sendOff(parts, cell, cell.memory)
  await settleOwed(parts, cell)
}

/** Takes events for this envelope: one that was given up is parked, any commit clears the count. */
function taking(parts: Parts, cell: Cell, envelope: Envelope): Take {
  const { meter, time } = parts
  const losses: Losses = { inARow: 0 }
  return async cause => {
    const { fault } = envelope
    const parking = fault?.eventId === cause.event.id ? fault.parking : null
    const parked = fault === null || parking === null ? null : { how: parking, why: fault.failure }
    const own = fault?.eventId === cause.event.id ? fault : null
    const take = () => takeEvent(parts, cell, { ...cause, parked, fault: own }, losses)
    const receipt = await (meter?.taking(cell, cause.event, time, take) ?? take())
    const isGivenUp = receipt?.tag === 'parked' || (receipt?.tag === 'deferred' && parked !== null)
    if (isGivenUp && own !== null) tellGivenUp(parts, cell, own)
    if (isGivenUp || (fault !== null && isPast(fault, cause.event.id, receipt))) {
      envelope.fault = null
    }
    return receipt
  }
}

/**
 * True when the event itself was taken, or a commit has landed since it failed. What means nothing,
 * as a timer while a person talks, also counts as taken: it must not begin another's count anew.
 */
function isPast({ eventId, context }: Fault, taken: string, receipt: Receipt | null): boolean {
  if (receipt?.tag !== 'committed') return false
  return taken === eventId || receipt.version !== context.version
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
function outOfReach(parts: Parts, cell: Cell, envelope: Envelope, error: unknown): Receipt {
  const failed =
    failureOf(error) ?? failure('CHP_STORE_UNAVAILABLE', `${whatWasThrown(error)}.`, error)
  superviseValue(parts, cell, envelope, failed)
  cell.memory = null
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
