import { availableParallelism } from 'node:os'
import type { Simulation } from '../../lib/testing/sim/simulate.ts'
import { Apart, Endless, type Life } from './apart.ts'

/** What many lives came to. */
export interface Totals {
  seeds: number
  turns: number
  commits: number
  conversations: number
  strikes: number
  readonly faults: Record<string, number>
}

/** A search: what was lived, and the first seed that broke a promise or never ended. */
export interface Search {
  readonly totals: Totals
  readonly failed: number | null
  /** That this one does not come to its end; null where it did. */
  readonly endless: Endless | null
}

/** Lives that many seeds on every core; ends at the first that breaks a promise. */
export async function inParallel(
  seed: number,
  seeds: number,
  options: Life['options'],
  bot: string | null = null
): Promise<Search> {
  const totals = { seeds: 0, turns: 0, commits: 0, conversations: 0, strikes: 0, faults: {} }
  const cores = Math.max(1, Math.min(availableParallelism(), seeds))
  let next = seed
  let failed: Omit<Search, 'totals'> = { failed: null, endless: null }
  const fails = (one: number, endless: Endless | null): void => {
    if (failed.failed === null || one < failed.failed) failed = { failed: one, endless }
  }
  const search = async (apart: Apart): Promise<void> => {
    while (failed.failed === null && next < seed + seeds) {
      const one = next
      next += 1
      try {
        const lived = await apart.live(one, options)
        add(totals, lived)
        if (lived.violations.length > 0) fails(one, null)
      } catch (error) {
        if (!(error instanceof Endless)) throw error
        fails(one, error)
      }
    }
  }
  const threads = Array.from({ length: cores }, () => new Apart({ bot }))
  try {
    await Promise.all(threads.map(search))
  } finally {
    for (const apart of threads) apart.close()
  }
  return { totals, ...failed }
}

function add(totals: Totals, { turns, commits, conversations, faults }: Simulation): void {
  totals.seeds += 1
  totals.turns += turns
  totals.commits += commits
  totals.conversations += conversations
  for (const [kind, count] of faults) {
    totals.strikes += count
    totals.faults[kind] = (totals.faults[kind] ?? 0) + count
  }
}
