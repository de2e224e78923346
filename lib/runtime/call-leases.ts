import { isDriven } from '../conversation/record.ts'
import type { Cell } from './cell.ts'
import type { Memory } from './memory.ts'
import { isOurs } from './ours.ts'
import type { Parts } from './parts.ts'
import { leasedCallRow, readCallRow, type StoredCallRow } from './rows.ts'
import { tellTrouble } from './tell-trouble.ts'
import { deadlineOf, remember } from './turn.ts'

/** One open call as it stands in the store. */
interface OpenCall {
  readonly key: string
  readonly row: string
  readonly read: StoredCallRow
  readonly openedAtMs: number
  /** Its flow went on without it, not knowing what became of it. */
  readonly left: boolean
  /** Until when its process alone drives it. */
  readonly untilMs: number
}

/**
 * Drives on what another life of this conversation began; the key is the same.
 *
 * One process drives a call at a time: who opened it, or took its lease since, until that lease is
 * over. A lease is written into the row of the call, and renewed at its half while the call runs.
 */
export async function resumeCalls(parts: Parts, cell: Cell, given: Memory): Promise<Memory> {
  let memory = given
  abandonMade(parts, cell, given)
  for (const call of openCalls(parts, cell, given)) {
    if (parts.calls.has(cell.id, call.key)) continue
    const leftMs = call.untilMs - parts.time.nowMs()
    if (leftMs > 0 && !isMine(parts, call)) {
      tellLease(parts, cell, memory, call, 'refused', 'another process drives it')
      parts.calls.doubt(cell.id, call.key)
      continue
    }
    // Whoever makes a call has written itself into its row before.
    const isOwn = call.read.by === parts.process
    const resumed = !(isOwn && parts.calls.isUntried(cell.id, call.key))
    if (leftMs < parts.limits.leaseMs / 2) {
      const leased = await leasedBy(parts, cell, memory, call)
      if (leased === null) continue
      memory = leased
    }
    const { record } = memory
    if (record === null) return memory
    if (isMine(parts, call)) tellLease(parts, cell, memory, call, 'taken', 'our own is driven on')
    // A migration may have given the call another name since it was made.
    const name = record.calls.find(({ key }) => key === call.key)?.name ?? call.read.name
    const { key } = call
    const { core } = record
    const { left, read } = call
    const { input } = read
    parts.calls.start({ conversation: cell.id, key, name, input, core, resumed, left })
  }
  return memory
}

/** Renews the leases of calls that run here; lets go of those that another process has taken. */
export async function renewLeases(parts: Parts, cell: Cell): Promise<void> {
  // What is remembered does not tell that another process has taken a lease.
  cell.memory = null
  let memory = await remember(parts, cell, deadlineOf(parts))
  abandonMade(parts, cell, memory)
  for (const call of openCalls(parts, cell, memory)) {
    if (!parts.calls.has(cell.id, call.key)) continue
    if (isMine(parts, call) || call.untilMs <= parts.time.nowMs()) {
      memory = (await leasedBy(parts, cell, memory, call)) ?? memory
      continue
    }
    tellLease(parts, cell, memory, call, 'lost', 'another process has taken it over')
    parts.calls.abandon(cell.id, call.key)
  }
}

/**
 * Another process may have taken a call over and ended it, while this one had lost the store: what
 * its member was told of since, may repeat or has cancelled is not made here any more.
 */
function abandonMade(parts: Parts, cell: Cell, { record, calls }: Memory): void {
  if (record === null) return
  parts.calls.abandonMade(cell.id, key => {
    const listed = record.calls.find(call => call.key === key)
    if (listed === undefined) return calls.some(row => row.key === key)
    return listed.unresolved === undefined
  })
}

function openCalls(
  parts: Parts,
  cell: Cell,
  { record, calls, fence, spoilt }: Memory
): readonly OpenCall[] {
  if (record === null || fence === null) return []
  const place = { conversation: cell.id, epoch: fence.epoch }
  return calls.flatMap(({ key, row }) => {
    const listed = record.calls.find(call => call.key === key)
    if (spoilt.calls.has(key) || (listed !== undefined && !isDriven(listed))) return []
    try {
      const read = readCallRow(parts.ring, place, key, row)
      const { openedAtMs = 0, unresolved } = listed ?? {}
      const untilMs = Math.max(read.until, openedAtMs + parts.limits.leaseMs)
      return [{ key, row, read, openedAtMs, left: unresolved === 'left', untilMs }]
    } catch (error) {
      // One row that cannot be read keeps neither the other calls nor the replies from their way.
      tellTrouble(parts, cell, error)
      return []
    }
  })
}

function isMine(parts: Parts, { read: { by }, untilMs }: OpenCall): boolean {
  return isOurs(parts, { by, at: untilMs - parts.limits.leaseMs })
}

/** Writes this process into the row; null when another commit came between: the next look tells. */
async function leasedBy(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  call: OpenCall
): Promise<Memory | null> {
  const { fence } = memory
  if (fence === null) return null
  const { key } = call
  const until = parts.time.nowMs() + parts.limits.leaseMs
  const row = leasedCallRow(call.row, parts.process, until)
  const rows = { slots: [], calls: [{ key, row }], inbox: [], history: [], parked: [] }
  if ((await parts.store.rewrite(cell.id, fence, rows)) === 'conflict') {
    tellLease(parts, cell, memory, call, 'refused', 'another commit came first')
    cell.memory = null
    void parts.push(cell.id, 'wake')
    return null
  }
  if (!isMine(parts, call)) {
    parts.calls.doubt(cell.id, key)
    tellLease(parts, cell, memory, call, 'takeover', 'its lease is over')
  }
  const calls = memory.calls.map(other => (other.key === key ? { key, row } : other))
  cell.memory = { ...memory, calls }
  return cell.memory
}

/** One line a change of hands, for whoever asks why a call was driven by this process, or not. */
function tellLease(
  { log, time }: Parts,
  { id: conversation }: Cell,
  { fence }: Memory,
  { key, read, openedAtMs }: OpenCall,
  what: 'taken' | 'takeover' | 'refused' | 'lost',
  reason: string
): void {
  const ageMs = time.nowMs() - openedAtMs
  const fields = { conversation, call: read.name, key, holder: read.by, epoch: fence?.epoch, ageMs }
  log.debug({ event: 'call.lease', what, reason, ...fields }, 'lease of a call')
}
