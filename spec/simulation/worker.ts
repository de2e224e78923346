import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import type { Lived, Share } from './in-parallel.ts'
import { ownBot } from './own-bot.ts'

const { from, step, below, options, bot: path } = workerData as Share
const own = path === null ? {} : await ownBot(path)
if (typeof own === 'string') throw new Error(own)
for (let seed = from; seed < below; seed += step) {
  const lived = await simulate(seed, { ...options, ...own })
  const { turns, commits, conversations, faults, violations } = lived
  const broken = violations[0]?.invariant ?? null
  const told: Lived = { seed, turns, commits, conversations, faults: [...faults], broken }
  parentPort?.postMessage(told)
}
