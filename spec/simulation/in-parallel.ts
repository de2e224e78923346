import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { SimulationOptions } from '../../lib/testing/sim/simulate.ts'

/** What many lives came to. */
export interface Totals {
  seeds: number
  turns: number
  commits: number
  conversations: number
  strikes: number
  readonly faults: Record<string, number>
}

/** What a worker says of one life. */
export interface Lived {
  readonly seed: number
  readonly turns: number
  readonly commits: number
  readonly conversations: number
  readonly faults: readonly (readonly [kind: string, count: number])[]
  /** The first promise that was broken. */
  readonly broken: string | null
}

/** What a worker is given: seeds from `from` on, every `step`th, below `below`. */
export interface Share {
  readonly from: number
  readonly step: number
  readonly below: number
  readonly options: Pick<SimulationOptions, 'without' | 'drop'>
  /** Path of the module of the bot that lives; null: those of the simulator. */
  readonly bot: string | null
}

/** Lives that many seeds on every core; ends at the first that breaks a promise. */
export async function inParallel(
  seed: number,
  seeds: number,
  options: Share['options'],
  bot: string | null = null
): Promise<{ readonly totals: Totals; readonly failed: number | null }> {
  const totals = { seeds: 0, turns: 0, commits: 0, conversations: 0, strikes: 0, faults: {} }
  const cores = Math.max(1, Math.min(availableParallelism(), seeds))
  const workers: Worker[] = []
  let failed: number | null = null
  const ended = Array.from({ length: cores }, (_, core) => {
    const share: Share = { from: seed + core, step: cores, below: seed + seeds, options, bot }
    const worker = startWorker(share)
    workers.push(worker)
    return new Promise<void>((resolve, reject) => {
      worker.on('message', (lived: Lived) => {
        add(totals, lived)
        if (lived.broken === null) return
        failed = Math.min(failed ?? lived.seed, lived.seed)
        for (const other of workers) void other.terminate()
      })
      worker.once('error', reject)
      worker.once('exit', () => resolve())
    })
  })
  await Promise.all(ended)
  return { totals, failed }
}

// A program of the house runs from its source and compiled; its workers run in the same form.
function startWorker(share: Share): Worker {
  const form = extname(fileURLToPath(import.meta.url))
  const url = new URL(`./worker${form}`, import.meta.url)
  return new Worker(url, { workerData: share })
}

function add(totals: Totals, { turns, commits, conversations, faults }: Lived): void {
  totals.seeds += 1
  totals.turns += turns
  totals.commits += commits
  totals.conversations += conversations
  for (const [kind, count] of faults) {
    totals.strikes += count
    totals.faults[kind] = (totals.faults[kind] ?? 0) + count
  }
}
