import { msOf } from './load.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [second: string, microsecond: string]

export const timeScript = script('time')

/** The time of the store in milliseconds. */
export function time(run: RunScript): Promise<number> {
  return run(timeScript, [0], ([second, microsecond]: Reply) => msOf(second, microsecond))
}
