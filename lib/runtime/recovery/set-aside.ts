import type { Cell } from '../cell.ts'
import type { Memory } from '../memory.ts'
import type { Parts } from '../parts.ts'
import type { SpoiltRow } from './spoilt-rows.ts'

/** The damaged rows that a commit leaves behind: it parks them, and says so in the history. */
export function leftBehind(
  { inbox, spoilt }: Pick<Memory, 'inbox' | 'spoilt'>,
  taken: number,
  closed: readonly string[]
): readonly SpoiltRow[] {
  const { replies, inbox: waiting, calls } = spoilt
  if (replies.length + waiting.size + calls.size === 0) return NOTHING
  return [
    ...replies,
    ...inbox.slice(0, taken).flatMap(row => waiting.get(row) ?? []),
    ...closed.flatMap(key => calls.get(key) ?? [])
  ]
}

/** Says, once it is committed, which damaged rows were set aside: a line each, one event. */
export function tellSetAside(
  { log, listeners }: Pick<Parts, 'log' | 'listeners'>,
  { id: conversation }: Pick<Cell, 'id'>,
  rows: readonly SpoiltRow[],
  version: number
): void {
  if (rows.length === 0) return
  for (const { what, id, rule } of rows) {
    const fields = { event: 'row.set-aside', conversation, what, row: id, rule }
    log.warn(fields, 'a damaged row is parked as it was found')
  }
  const told = rows.map(({ what, id, rule }) => ({ what, id, rule }))
  listeners.emit('setAside', { conversation, version, rows: told })
}

const NOTHING: readonly SpoiltRow[] = []
