import type { Clock } from './surroundings.ts'

/** The clock that the service goes by: the one it was given, which control can put ahead. */
export interface ServiceClock extends Clock {
  /** Moves the time forward; waits are not shortened by it. */
  advance(byMs: number): void
  /** Takes back every wait: what waits then never goes on. */
  stop(): void
}

export function serviceClock(clock: Clock): ServiceClock {
  const waits = new Set<() => void>()
  let aheadMs = 0
  return {
    nowMs: () => clock.nowMs() + aheadMs,
    after: (delayMs, run) => {
      const cancel = clock.after(delayMs, () => {
        waits.delete(cancel)
        run()
      })
      waits.add(cancel)
      return () => {
        waits.delete(cancel)
        cancel()
      }
    },
    advance: byMs => {
      aheadMs += byMs
    },
    stop: () => {
      for (const cancel of waits) cancel()
      waits.clear()
    }
  }
}
