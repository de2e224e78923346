import { FAILURES, type FailureCode, type FailureTag } from '../kernel/failure.ts'
import type { Attempts, When } from './policy.ts'

/** What the conditions of a rule are held against. */
export interface Failed {
  readonly tag: FailureTag
  readonly code: FailureCode
  readonly stage: string
  readonly flow: string
  readonly step: string
  /** Runs of the event that failed, this one included. */
  readonly attempt: number
}

const PLACES = ['stage', 'flow', 'step'] as const

/** True when a failure is one of those a rule is about. */
export function matches(when: When, failed: Failed): boolean {
  if (when.failure !== undefined && when.failure !== failed.tag) return false
  if (when.code !== undefined && when.code !== failed.code) return false
  if (PLACES.some(place => when[place] !== undefined && when[place] !== failed[place])) return false
  const { from, to } = rangeOf(when.attempt)
  return failed.attempt >= from && failed.attempt <= to
}

/** True when every failure that the later rule is about is taken by the earlier one. */
export function covers(earlier: When, later: When): boolean {
  if (earlier.failure !== undefined && earlier.failure !== tagOf(later)) return false
  if (earlier.code !== undefined && earlier.code !== later.code) return false
  const isWider = (place: (typeof PLACES)[number]): boolean =>
    earlier[place] === undefined || earlier[place] === later[place]
  if (!PLACES.every(isWider)) return false
  const [wide, narrow] = [rangeOf(earlier.attempt), rangeOf(later.attempt)]
  return wide.from <= narrow.from && narrow.to <= wide.to
}

/** The only tag that a rule can match; undefined: any. */
export function tagOf({ failure, code }: When): FailureTag | undefined {
  return failure ?? (code === undefined ? undefined : FAILURES[code].tag)
}

/** The runs a rule is about. */
export function rangeOf(attempt: When['attempt']): Required<Attempts> {
  if (typeof attempt === 'number') return { from: attempt, to: attempt }
  return { from: attempt?.from ?? 1, to: attempt?.to ?? Number.POSITIVE_INFINITY }
}
