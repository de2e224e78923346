import { type Clock, pause } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'

/**
 * Repeats a call of the store until its outcome is known, for 30 s at most; a commit that had
 * landed already is known by its head.
 */
export async function steadily<T>(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  call: () => Promise<T>
): Promise<T> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      const pauseMs = fullJitterMs(random, BACKOFF, attempt)
      const isLate = clock.monotonicMs() + pauseMs >= untilMs
      if (failureOf(error)?.tag !== 'Unavailable' || isLate) throw error
      await pause(clock, pauseMs)
    }
  }
}

/** Longest one call of the store is repeated while its outcome is unknown, in ms. */
const PATIENCE_MS = 30_000
const BACKOFF = { initialMs: 25, maxMs: 1_000, factor: 2 }
