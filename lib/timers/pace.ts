import type { Millis } from '../kernel/clock.ts'

/** What is there when the next conversation is to be woken. */
export interface Beside {
  /** Members talk. */
  readonly isTalking: boolean
  /** Conversations that are being woken. */
  readonly waking: number
  /** Since the last one was begun, in ms. */
  readonly sinceMs: Millis
  /** How long one takes of late, in ms. */
  readonly tookMs: Millis
}

export interface PaceLimits {
  /** Conversations woken at one time when nobody talks. */
  readonly page: number
  /** Conversations woken in one second at least, whatever else there is to do. */
  readonly leastPerSecond: number
}

/** The part of a page that is claimed at one time while others come first. */
const SHARE = 8
/** The part of a lease in which such a page is woken, even at the least rate. */
const LEASE_SHARE = 4
/** Conversations that are woken beside each other while members talk. */
const AT_ONCE = 4
/** Least time between two of them, in ms. */
const GAP_MS = 8
/** Times that one takes, from one to the next: so there are two at one time, of the four. */
const GAP_OF_TOOK = 1 / 2
/** Part of the newest in how long one takes of late. */
const NEWEST = 1 / 8

/**
 * Conversations claimed at one time while others come first: they are woken one by one, and at the
 * least rate a page and the one before it take half a lease.
 */
export function pacedClaim({ page, leastPerSecond }: PaceLimits, leaseMs: Millis): number {
  const inTime = Math.floor((leastPerSecond * leaseMs) / 1_000 / LEASE_SHARE)
  return Math.max(1, Math.min(Math.ceil(page / SHARE), inTime))
}

/** How long one takes of late, in ms, after one more. */
export function tookOfLate(tookMs: Millis, newestMs: Millis): Millis {
  return tookMs + NEWEST * (newestMs - tookMs)
}

/**
 * How long until the next conversation may be woken, in whole ms; 0 is now.
 *
 * While nobody talks, now. While members talk one by one, and the more seldom the longer one takes:
 * what makes a wake slow makes a member wait, too. Never more seldom than the least rate.
 */
export function waitMs(beside: Beside, { leastPerSecond }: PaceLimits): Millis {
  const { isTalking, waking, sinceMs, tookMs } = beside
  if (!isTalking) return 0
  const longestMs = Math.floor(1_000 / leastPerSecond)
  const gapMs = waking >= AT_ONCE ? longestMs : Math.max(GAP_MS, GAP_OF_TOOK * tookMs)
  // A part of a millisecond may be none at all to a clock, and is waited for again and again.
  return Math.max(0, Math.ceil(Math.min(gapMs, longestMs) - sinceMs))
}
