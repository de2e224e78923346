import type { Cancel, Clock } from '../kernel/clock.ts'

/** A clock whose waiting runs can be called off together. */
export interface OwnClock extends Clock {
  /** Calls off what waits; what is set from now on never runs. */
  stop(): void
}

/** The runtime's own view of a clock: when it stops, it leaves no timer behind. */
export function ownClock(clock: Clock): OwnClock {
  const waiting = new Set<Cancel>()
  let stopped = false
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, run) => {
      if (stopped) return () => undefined
      const cancel = clock.after(delayMs, () => {
        waiting.delete(cancel)
        run()
      })
      waiting.add(cancel)
      return () => {
        waiting.delete(cancel)
        cancel()
      }
    },
    stop: () => {
      stopped = true
      for (const cancel of waiting) cancel()
      waiting.clear()
    }
  }
}
