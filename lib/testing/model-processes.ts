import type { KeptProcesses, ProcessRow } from '../store/process-rows.ts'

/** The rows of processes in the model of a store. */
export class ModelProcesses {
  readonly #rows = new Map<string, ProcessRow>()

  keep(
    [name, row, drop]: readonly [string, string | null, readonly string[]],
    nowMs: number
  ): KeptProcesses {
    for (const other of [name, ...drop]) this.#rows.delete(other)
    if (row !== null) this.#rows.set(name, { name, row, atMs: nowMs })
    return { rows: [...this.#rows.values()], nowMs }
  }
}
