import { msOf } from './load.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [second: string, microsecond: string]

export const timeScript = script('time')

/** The time of the store in milliseconds. */
export async function time(run: RunScript): Promise<number> {
  const [second, microsecond] = (await run(timeScript, [0])) as Reply
  return msOf(second, microsecond)
}
