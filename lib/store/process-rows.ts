/** Rows of the processes that share a store, each written by its own process alone. */
export interface ProcessRows {
  /**
   * Writes the row of this process, null removes it, drops these others, and gives all there are.
   *
   * Optional: without it nobody knows of processes that ended uncleanly.
   */
  keepProcess?(name: string, row: string | null, drop: readonly string[]): Promise<KeptProcesses>
  /**
   * How a thread beside the event loop writes the row of this process while that loop stands still;
   * null where it cannot.
   *
   * Optional: without it only standard error is told what blocks.
   */
  rowWriter?(name: string): RowWriter | null
}

/** Handed to such a thread as it is: it has neither the modules nor the objects of the process. */
export interface RowWriter {
  /**
   * Body of a function of `require` and `data` that gives `write(row, isMeant, done)`, which writes
   * unless `isMeant()` has become false, and `close()`.
   */
  readonly program: string
  /** Plain data, cloned. */
  readonly data: unknown
}

/** What stands there after the write. */
export interface KeptProcesses {
  readonly rows: readonly ProcessRow[]
  readonly nowMs: number
}

/** What a process has said of itself. */
export interface ProcessRow {
  readonly name: string
  readonly row: string
  /** When it was written, by the store's clock. */
  readonly atMs: number
}

/** The row as it is stored: the time of the write, a space, the text. */
export function processRowText(row: string, nowMs: number): string {
  return `${nowMs} ${row}`
}

/** A stored row; one of another form counts as written at the beginning of time. */
export function readProcessRow(name: string, text: string): ProcessRow {
  const at = text.indexOf(' ')
  const atMs = Number(text.slice(0, Math.max(0, at)))
  return { name, row: text.slice(at + 1), atMs: Number.isFinite(atMs) ? atMs : 0 }
}
