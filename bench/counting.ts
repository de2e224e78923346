import { prometheusMetrics } from '../lib/ops.ts'
import { turns } from './pieces.ts'

/** A batch of turns without metrics and one with them, in microseconds of the process a turn. */
export interface Pair {
  readonly plainUs: number
  readonly countedUs: number
}

/** Measures pairs of batches, begun by the one and by the other in turns; the first warms up. */
export async function countingPairs(
  inFlight: number,
  batch: { readonly pairs: number; readonly turns: number }
): Promise<readonly Pair[]> {
  const plain = await turns(inFlight)
  const counted = await turns(inFlight, prometheusMetrics())
  const pairs: Pair[] = []
  try {
    for (let pair = 0; pair <= batch.pairs; pair += 1) {
      const order = pair % 2 === 0 ? [plain, counted] : [counted, plain]
      const took = new Map<unknown, number>()
      for (const side of order) took.set(side, await turnUs(side.piece.run, batch.turns))
      const measured = { plainUs: took.get(plain)!, countedUs: took.get(counted)! }
      if (pair > 0) pairs.push(measured)
    }
  } finally {
    for (const { runtime } of [plain, counted]) await runtime.stop()
  }
  return pairs
}

async function turnUs(
  run: (times: number) => number | Promise<number>,
  times: number
): Promise<number> {
  globalThis.gc?.()
  const before = process.cpuUsage()
  const done = await run(times)
  const { user, system } = process.cpuUsage(before)
  if (done !== times) throw new Error(`${done} of ${times} turns were committed.`)
  return (user + system) / times
}
