/** A point or span of time in milliseconds; points count from the Unix epoch. */
export type Millis = number

/** Ends a scheduled run that has not happened yet; calling it twice is harmless. */
export type Cancel = () => void

/**
 * Time as the runtime sees it; handed in everywhere, so that a simulation owns it.
 *
 * `nowMs` is wall-clock time and may step; `monotonicMs` only rises and measures spans.
 */
export interface Clock {
  nowMs(): Millis
  monotonicMs(): Millis
  /** Runs `run` once after `delayMs`; a delay of 0 still lets other work go first. */
  after(delayMs: Millis, run: () => void): Cancel
}

/** Resolves after `delayMs` on the given clock. */
export function pause(clock: Clock, delayMs: Millis): Promise<void> {
  return new Promise(resolve => {
    clock.after(delayMs, resolve)
  })
}

// Node turns longer delays into 1 ms (measured on Node 20): a far timer would fire at once.
const LONGEST_DELAY_MS = 2_147_483_647

/** The clock of the machine: the only place in `lib/` that touches real timers. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS))
    return () => clearTimeout(timer)
  }
}
