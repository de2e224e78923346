import type { Cancel, Clock, Millis } from '../kernel/clock.ts'

/** A clock that stands still until it is moved; wall and monotonic time go together. */
export interface SimulatedClock extends Clock {
  /** When the next run is due, or null when none is set; may lie in the past after `sleepTo`. */
  nextDueMs(): Millis | null
  /** Runs that are set and have not happened yet. */
  readonly waiting: number
  /**
   * Moves time to `ms`, making every run that falls due on the way, each at its own time.
   *
   * Runs due at the same time are made in the order in which they were set. A run set on the way
   * is made too when it is due by `ms`. Time never goes back: an earlier `ms` only makes what is
   * overdue.
   */
  advanceTo(ms: Millis): void
  /** Moves time to `ms` and runs nothing, like a machine that slept: what was due is then late. */
  sleepTo(ms: Millis): void
}

interface Run {
  readonly dueMs: Millis
  readonly run: () => void
}

/**
 * A clock for simulations: the same moves make the same runs in the same order.
 *
 * @example
 * const clock = simulatedClock({ startMs: 0 })
 * clock.after(1_000, () => wake())
 * clock.advanceTo(1_000)
 */
export function simulatedClock({ startMs }: { readonly startMs: Millis }): SimulatedClock {
  let nowMs = startMs
  // In order of due time; among equals in order of setting.
  const runs: Run[] = []

  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after: (delayMs, run): Cancel => {
      const set = { dueMs: nowMs + Math.max(0, delayMs), run }
      const later = runs.findIndex(({ dueMs }) => dueMs > set.dueMs)
      runs.splice(later < 0 ? runs.length : later, 0, set)
      return () => {
        const index = runs.indexOf(set)
        if (index >= 0) runs.splice(index, 1)
      }
    },
    nextDueMs: () => runs[0]?.dueMs ?? null,
    get waiting() {
      return runs.length
    },
    advanceTo: ms => {
      const untilMs = Math.max(ms, nowMs)
      for (let [next] = runs; next !== undefined && next.dueMs <= untilMs; [next] = runs) {
        runs.shift()
        nowMs = Math.max(nowMs, next.dueMs)
        next.run()
      }
      nowMs = untilMs
    },
    sleepTo: ms => {
      nowMs = Math.max(ms, nowMs)
    }
  }
}
