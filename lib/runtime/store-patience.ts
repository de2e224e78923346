import { pause } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import type { Parts } from './parts.ts'

const BACKOFF = { initialMs: 25, maxMs: 1_000, factor: 2 }

/**
 * Repeats a store call until its outcome is known or the turn's deadline passes.
 *
 * An unknown outcome is repeated with the same arguments, so with the same head: the store answers
 * `committed` when the first try had landed. Fails with the last Unavailable failure.
 */
export async function patiently<T>(
  { clock, random }: Pick<Parts, 'clock' | 'random'>,
  deadlineMs: number,
  call: () => Promise<T>
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      const pauseMs = fullJitterMs(random, BACKOFF, attempt)
      const late = clock.monotonicMs() + pauseMs >= deadlineMs
      if (failureOf(error)?.tag !== 'Unavailable' || late) throw error
      await pause(clock, pauseMs)
    }
  }
}
