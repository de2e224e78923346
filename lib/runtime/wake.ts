import type { Receipt } from '../channel/channel.ts'
import { type ConversationRecord, isDriven } from '../conversation/record.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import { failureOf } from '../kernel/failure.ts'
import { resumeCalls } from './call-leases.ts'
import type { Cell, Fault } from './cell.ts'
import { dueOf, owedAt } from './commit-of.ts'
import { acknowledgeLater, isAllParked } from './flush.ts'
import { sendOff } from './landed.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Cause } from './planned.ts'
import { type ParkedReply, refusalOf, toBeParked } from './refused-replies.ts'
import { readInboxRow } from './rows.ts'
import { deadlineOf, remember } from './turn.ts'
import { spareDoubles, whyUnparkable } from './unkept-replies.ts'
import { isRowNext, nextRow } from './waiting.ts'

/** Takes one event to its end, parked or not as the policy has decided; null as `takeEvent`. */
export type Take = (cause: Omit<Cause, 'parked' | 'fault'>) => Promise<Receipt | null>

/**
 * Looks at everything of a conversation that is due, then sets its true due time.
 *
 * What is remembered is read anew: another process may have done it all since.
 */
export async function wake(parts: Parts, cell: Cell, take: Take): Promise<Receipt | null> {
  cell.memory = null
  const looked = new Set<string>()
  const shed =
    (await takeWaiting(parts, cell, take)) ??
    (await takeTimers(parts, cell, take, looked)) ??
    (await endSpoiltCalls(parts, cell, take))
  if (shed !== null) return shed
  const memory = await resumeCalls(parts, cell, await known(parts, cell))
  sendOff(parts, cell, memory)
  await settleDue(parts, cell, memory, looked)
  return null
}

/** Takes an event after all that waits before it. */
export async function takeInTurn(
  parts: Parts,
  cell: Cell,
  take: Take,
  event: TurnEvent
): Promise<Receipt> {
  for (;;) {
    const shed = await takeWaiting(parts, cell, take)
    if (shed !== null) return shed
    const receipt = await take({ event, fromInbox: false })
    if (receipt !== null) return receipt
  }
}

/**
 * Takes inbox rows whose cause is gone, before anything newer.
 *
 * Null when none is left; a receipt when one could not be taken, so that nothing may pass it.
 */
async function takeWaiting(parts: Parts, cell: Cell, take: Take): Promise<Receipt | null> {
  for (;;) {
    const memory = await known(parts, cell)
    const row = nextRow(memory)
    if (row === undefined || memory.fence === null || !isRowNext(memory)) return null
    const place = { conversation: cell.id, epoch: memory.fence.epoch }
    const event = readInboxRow(parts.ring, place, row.row)
    const receipt = await take({ event, fromInbox: true })
    if (receipt?.tag === 'shed') return receipt
  }
}

async function takeTimers(
  parts: Parts,
  cell: Cell,
  take: Take,
  looked: Set<string>
): Promise<Receipt | null> {
  const { record, recovery } = await known(parts, cell)
  // The menu with an apology is for somebody who writes, not for somebody who went away.
  const timers = recovery?.rung === 3 ? [] : (record?.timers ?? [])
  for (const { id, dueMs } of timers) {
    // The one before may have cancelled it; deciding looks again whether it is still set.
    if (dueMs > parts.time.nowMs()) continue
    const event = { kind: 'TimerDue', id: timerName({ id, dueMs }), timer: id, dueMs } as const
    looked.add(event.id)
    const receipt = await takeInTurn(parts, cell, take, event)
    if (receipt.tag === 'shed') return receipt
  }
  return null
}

/**
 * Ends calls whose rows are damaged: nobody can make them again or read them back, so what
 * became of an effect stays unknown, and a person is asked when its member waits for it or has left
 * it. Another process may still be driving it until its lease ends.
 */
async function endSpoiltCalls(parts: Parts, cell: Cell, take: Take): Promise<Receipt | null> {
  const { record, spoilt } = await known(parts, cell)
  const untilMs = parts.time.nowMs() - parts.limits.leaseMs
  for (const call of record?.calls ?? []) {
    const { key, name, effect, attached, openedAtMs, unresolved } = call
    if (!spoilt.calls.has(key) || !isDriven(call) || openedAtMs > untilMs) continue
    if (effect && (attached || unresolved === 'left'))
      parts.calls.tellUnresolved(cell.id, name, key)
    const result = { tag: 'unreachable', known: effect ? 'unknown' : 'not-done' } as const
    const ended = { kind: 'CallSettled', id: `${key}.settled`, key, result } as const
    const receipt = await takeInTurn(parts, cell, take, { ...ended, renewed: null, attempts: 0 })
    if (receipt.tag === 'shed') return receipt
  }
  return null
}

/**
 * Parks the replies that the channel will never take, unless a commit has done so. False when that
 * cannot be done now: then nothing is acknowledged before it is tried again.
 */
export async function allParked(
  parts: Parts,
  cell: Cell,
  take: Take,
  fault: Fault | null
): Promise<boolean> {
  let isParked = false
  try {
    // What failed on the way is run again in its place, though nothing may be left to park.
    if (fault !== null && (await takeWaiting(parts, cell, take)) !== null) return false
    await parkRefused(parts, cell, take)
    isParked = isAllParked(cell)
    return isParked
  } finally {
    if (!isParked) acknowledgeLater(parts, cell)
  }
}

/** What lasts, and keeps every commit from a conversation. */
const NO_COMMIT: ReadonlyMap<string, string> = new Map([
  ['CHP_STORE_REFUSED', 'the store takes no commit'],
  ['CHP_SEAL_KEY_UNKNOWN', 'a row that waits before it cannot be read here']
])

async function parkRefused(parts: Parts, cell: Cell, take: Take): Promise<void> {
  let before: ParkedReply | undefined
  try {
    while (cell.refused.length > 0) {
      const [first] = toBeParked(cell, await known(parts, cell))
      // What could not be parked in one turn is not tried again at once.
      if (first === undefined || first.refused === before?.refused) break
      if (refusalOf(first).id === cell.unparkable) break
      await takeInTurn(parts, cell, take, refusalOf(first))
      before = first
    }
  } catch (error) {
    const why = NO_COMMIT.get(failureOf(error)?.code ?? '')
    if (why === undefined) throw error
    // No commit is taken for as long as that lasts, but an acknowledgement.
    cell.memory = null
    spareDoubles(parts, cell, await known(parts, cell), why)
    return
  }
  if (isAllParked(cell)) return
  const memory = await known(parts, cell)
  const why = whyUnparkable(cell, memory)
  if (why !== null) spareDoubles(parts, cell, memory, why)
}

/**
 * The last reply has gone, for which the conversation was to be looked at again: unless something
 * else is due, it need not be. Whoever sweeps is spared a look at each that talked a lease ago.
 */
export async function settleOwed(parts: Parts, cell: Cell): Promise<void> {
  const { memory } = cell
  if (memory === null || memory.record === null || memory.fence === null) return
  const { record, recovery, blocked, undelivered, inbox, calls, dueMs } = memory
  const isOpen = undelivered.length + inbox.length + calls.length > 0
  if (isOpen || recovery !== null || blocked !== null) return
  const nowMs = parts.time.nowMs()
  const nextMs = dueOf(parts, record, { nowMs, waiting: false, owedAtMs: [] })
  // What is due by now is a sweep's to take.
  if (dueMs === null || dueMs <= nowMs || nextMs === dueMs) return
  if (nextMs !== null && nextMs <= nowMs) return
  try {
    const settled = await parts.store.settleDue(
      cell.id,
      memory.fence,
      nextMs,
      memory.acknowledgedThrough
    )
    cell.memory = settled === 'done' ? { ...memory, dueMs: nextMs } : null
  } catch (error) {
    // A sweep looks at it in vain, and settles it then.
    cell.memory = null
    const code = failureOf(error)?.code
    parts.log.debug({ event: 'due.unsettled', conversation: cell.id, code }, 'left to the sweep')
  }
}

// A claim moved the due time to the end of its lease. What is due still (a timer the bot would not
// take, a call that runs) is looked at again then, and not at once; a timer that was set since, or
// has come due since, by the next sweep.
async function settleDue(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  looked: ReadonlySet<string>
): Promise<void> {
  if (memory.fence === null && memory.aliasOf === null && !cell.listening) {
    // Something said that there is a conversation here, and there is none.
    await parts.store.settleDue(cell.id, null, null)
    parts.log.debug({ event: 'index.stray', conversation: cell.id }, 'nothing is stored here')
    return
  }
  const { record, fence, undelivered, acknowledgedThrough, recovery } = memory
  if (record === null || fence === null) return
  const channel = parts.channel(record.core.channel.channel)
  const nowMs = parts.time.nowMs()
  const owedAtMs = channel === undefined ? [] : owedAt(undelivered)
  const due = recovery?.rung === 3 ? { ...record, timers: [] } : record
  const dueMs = dueOf(parts, due, { nowMs, waiting: false, owedAtMs })
  const isDue = dueMs !== null && dueMs <= nowMs
  const nextMs = isDue ? firstUnlooked(due.timers, looked, nowMs) : dueMs
  if (nextMs === null && (isDue || memory.dueMs === null)) return
  const settled = await parts.store.settleDue(cell.id, fence, nextMs, acknowledgedThrough)
  cell.memory = settled === 'done' ? { ...memory, dueMs: nextMs } : null
}

/** When the first timer was due that this look has not met. */
function firstUnlooked(
  timers: ConversationRecord['timers'],
  looked: ReadonlySet<string>,
  nowMs: number
): number | null {
  const unlooked = timers.filter(timer => timer.dueMs <= nowMs && !looked.has(timerName(timer)))
  return unlooked.length === 0 ? null : Math.min(...unlooked.map(({ dueMs }) => dueMs))
}

function timerName({ id, dueMs }: { readonly id: string; readonly dueMs: number }): string {
  return `${id}@${dueMs}`
}

function known(parts: Parts, cell: Cell): Promise<Memory> {
  return remember(parts, cell, deadlineOf(parts))
}
