import { type KeptProcesses, type ProcessRow, readProcessRow } from '../../process-rows.ts'
import { msOf } from './load.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [second: string, microsecond: string, ...kept: string[]]

export const keepProcessScript = script('keep-process')

/** Writes the row of a process, drops others, and tells what is there. */
export function keepProcess(
  run: RunScript,
  key: string,
  name: string,
  row: string | null,
  drop: readonly string[]
): Promise<KeptProcesses> {
  const args = [1, key, name, row === null ? '0' : '1', row ?? '', ...drop]
  return run(keepProcessScript, args, ([second, microsecond, ...kept]: Reply) => {
    const rows: ProcessRow[] = []
    for (let at = 0; at + 1 < kept.length; at += 2)
      rows.push(readProcessRow(kept[at]!, kept[at + 1]!))
    return { rows, nowMs: msOf(second, microsecond) }
  })
}
