import { type Cell, sentThrough } from './cell.ts'
import { isSynchronous } from './landed.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Cause } from './planned.ts'
import { type Acknowledging, refusedAmong } from './refused-replies.ts'

/**
 * What the commit acknowledges: what the channel took, or will never take. Where receipts carry the
 * replies, only the next message of the member says that the last receipt has come.
 */
export function acknowledging(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  { event, fromInbox }: Pick<Cause, 'event' | 'fromInbox'>,
  epoch: string
): Acknowledging {
  const isNext = event.kind === 'Inbound' && !fromInbox
  const through = isNext || !isSynchronous(parts, cell) ? sentThrough(cell, epoch) : 0
  return { through, parked: refusedAmong(cell, memory, through) }
}
