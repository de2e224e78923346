import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import type { Lived, Share } from './in-parallel.ts'

const { from, step, below, options } = workerData as Share
for (let seed = from; seed < below; seed += step) {
  const { turns, commits, conversations, faults, violations } = await simulate(seed, options)
  const broken = violations[0]?.invariant ?? null
  const lived: Lived = { seed, turns, commits, conversations, faults: [...faults], broken }
  parentPort?.postMessage(lived)
}
