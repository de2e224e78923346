import { fullJitterMs, type Random } from '../kernel/random.ts'

const BACKOFF = { initialMs: 500, maxMs: 60_000, factor: 2 }

/** Shortest pause before something is asked or offered again, in ms. */
export const SHORTEST_PAUSE_MS = 100

/** Longest pause of the outbox's own choice, in ms. */
export const LONGEST_PAUSE_MS = BACKOFF.maxMs

/**
 * Pause before a reply is offered again: what the channel asked for, and a random share on top that
 * doubles with every failure in a row, so that repeats become rare and do not come all at once.
 */
export function retryAfterMs(random: Random, askedMs: number, failures: number): number {
  // Also what is no number of a channel written in JavaScript is at least the shortest pause.
  const leastMs = askedMs > SHORTEST_PAUSE_MS ? askedMs : SHORTEST_PAUSE_MS
  const initialMs = Math.max(BACKOFF.initialMs, leastMs / 4)
  return leastMs + fullJitterMs(random, { ...BACKOFF, initialMs }, failures - 1)
}
