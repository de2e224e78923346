import type { Receipt } from '../channel/channel.ts'
import type { Cell } from './cell.ts'
import { dueOf } from './commit-of.ts'
import { sendOff } from './landed.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import { type Cause, isFree } from './plan.ts'
import { readCallRow, readInboxRow } from './rows.ts'
import { deadlineOf, remember } from './turn.ts'

/** Takes one event to its end, parked or not as the policy has decided. */
export type Take = (cause: Omit<Cause, 'parked'>) => Promise<Receipt>

/** Looks at everything of a conversation that is due, then sets its true due time. */
export async function wake(parts: Parts, cell: Cell, take: Take): Promise<void> {
  await takeWaiting(parts, cell, take)
  await takeTimers(parts, cell, take)
  const memory = await known(parts, cell)
  if (memory.record === null || memory.fence === null) return
  resumeCalls(parts, cell, memory)
  sendOff(parts, cell, memory, memory.undelivered)
  const channel = parts.channel(memory.record.core.channel.channel)
  const dueMs = dueOf(parts, memory.record, {
    nowMs: parts.time.nowMs(),
    waiting: false,
    undelivered: channel !== undefined && memory.undelivered.length > 0
  })
  if (dueMs === memory.dueMs) return
  const settled = await parts.store.settleDue(cell.id, memory.fence, dueMs)
  cell.memory = settled === 'done' ? { ...memory, dueMs } : null
}

/** Takes inbox rows whose cause is gone, before anything newer. */
export async function takeWaiting(parts: Parts, cell: Cell, take: Take): Promise<void> {
  for (let turns = 0; turns < parts.limits.mailboxEvents; turns += 1) {
    const memory = await known(parts, cell)
    const [row] = memory.inbox
    if (row === undefined || memory.record === null || memory.fence === null) return
    if (!isFree(row, memory.record)) return
    const place = { conversation: cell.id, epoch: memory.fence.epoch }
    const receipt = await take({
      event: readInboxRow(parts.ring, place, row.row),
      fromInbox: true
    })
    if (receipt.tag === 'shed') return
  }
}

async function takeTimers(parts: Parts, cell: Cell, take: Take): Promise<void> {
  const { record } = await known(parts, cell)
  for (const { id, dueMs } of record?.timers ?? []) {
    if (dueMs > parts.time.nowMs()) continue
    const event = { kind: 'TimerDue', id: `${id}@${dueMs}`, timer: id, dueMs } as const
    await take({ event, fromInbox: false })
  }
}

/** Drives on what a former life of this conversation began; the key is the same. */
function resumeCalls(parts: Parts, cell: Cell, { record, calls, fence }: Memory): void {
  if (record === null || fence === null) return
  const place = { conversation: cell.id, epoch: fence.epoch }
  for (const { key, row } of calls) {
    const { name, input } = readCallRow(parts.ring, place, key, row)
    parts.calls.start({ conversation: cell.id, key, name, input, core: record.core })
  }
}

function known(parts: Parts, cell: Cell): Promise<Memory> {
  return remember(parts, cell, deadlineOf(parts))
}
