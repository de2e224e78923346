import type { Violation } from '../event-log/verdict.ts'
import { type Simulation, type SimulationOptions, simulate } from './simulate.ts'

/** A failing life without what it does not need to fail. */
export interface Shrunk {
  readonly options: Required<Pick<SimulationOptions, 'without' | 'drop'>>
  readonly simulation: Simulation
  readonly violation: Violation
  /** Lives that were tried. */
  readonly tried: number
}

const TRIES_MOST = 160

/**
 * Looks for a smaller life of a failing seed that breaks the same invariant: kinds of faults are
 * turned off one by one, then messages are left out, many at once, then few.
 */
export async function shrink(
  failed: Simulation,
  violation: Violation,
  live: typeof simulate = simulate
): Promise<Shrunk> {
  const { seed } = failed
  const { invariant } = violation
  let best: Shrunk = {
    options: { without: failed.without, drop: failed.drop },
    simulation: failed,
    violation,
    tried: 0
  }
  let tried = 0
  const attempt = async (options: Shrunk['options']): Promise<boolean> => {
    if (tried >= TRIES_MOST) return false
    tried += 1
    const simulation = await live(seed, options)
    const again = simulation.violations.find(other => other.invariant === invariant)
    if (again === undefined) return false
    best = { options, simulation, violation: again, tried }
    return true
  }
  for (const kind of failed.faults.keys()) {
    await attempt({ ...best.options, without: [...best.options.without, kind] })
  }
  for (let size = Math.ceil(failed.messages / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < failed.drawn; from += size) {
      const more = Array.from({ length: size }, (_, nth) => from + nth)
      const isNew = more.some(place => place < failed.drawn && !best.options.drop.has(place))
      if (!isNew) continue
      await attempt({ ...best.options, drop: new Set([...best.options.drop, ...more]) })
    }
  }
  return { ...best, tried }
}
