import { type KeptProcesses, processRowText, readProcessRow } from '../process-rows.ts'
import type { Database } from './database.ts'
import type { LastWord } from './last-words.ts'
import type { Shelf } from './lmdb-conversation.ts'
import type { LmdbKeys } from './lmdb-keys.ts'

interface ProcessChange {
  readonly name: string
  readonly row: string | null
  readonly drop: readonly string[]
  readonly nowMs: number
  /** Rows that were left beside the store. */
  readonly words: readonly LastWord[]
}

/** Writes the row of a process, drops others, and tells what is there. */
export function processesAt(
  database: Database,
  shelf: Shelf,
  keys: LmdbKeys,
  { name, row, drop, nowMs, words }: ProcessChange
): KeptProcesses {
  for (const word of words) {
    const stored = shelf.get(keys.process(word.name))
    // Who went on since has written itself; who stopped has no row.
    if (stored !== undefined && readProcessRow(word.name, stored).atMs < word.atMs)
      shelf.put(keys.process(word.name), processRowText(word.row, word.atMs))
  }
  for (const other of drop) shelf.remove(keys.process(other))
  if (row === null) shelf.remove(keys.process(name))
  else shelf.put(keys.process(name), processRowText(row, nowMs))
  const prefix = keys.process('').length
  const rows = Array.from(database.getRange(keys.processes), ({ key, value }) =>
    readProcessRow(key.slice(prefix), value)
  )
  return { rows, nowMs }
}
