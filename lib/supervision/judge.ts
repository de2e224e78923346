import type { FailureCode, FailureTag } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import { type DirectiveName, isRepeating, type Place, type Policy, type Rung } from './policy.ts'
import { type Failed, matches } from './rule.ts'

/** A failure as supervision judges it. */
export interface Judged extends Failed {
  readonly tag: FailureTag
  readonly code: FailureCode
  /** Resets of the conversation that are younger than the policy's `withinMs`. */
  readonly resets: number
}

/** What is to be done about a failure, and why. */
export interface Verdict {
  readonly directive: DirectiveName
  /** What is done: for `escalate` the ladder's last rung. */
  readonly act: Rung
  /** The rule that matched, the first being 1; null where the ladder decided. */
  readonly rule: number | null
  /** Before the event runs again: a random share of this, in ms. */
  readonly pauseMostMs: number
  /** Where a reset leads; null: to the menu. */
  readonly to: Place | null
  readonly why: string
}

/** Chooses what is done about a failure: the first rule that matches, else the ladder. */
export function judge(policy: Policy, failed: Judged): Verdict {
  const index = policy.rules.findIndex(({ when = {} }) => matches(when, failed))
  if (failed.tag !== 'Defect') return ofValue(policy, failed, index)
  const found = policy.rules[index]
  if (found === undefined) return climbed(policy, failed, 'no rule matches')
  const rule = index + 1
  const { do: directive, to = null, restarts = policy.restarts, because } = found
  const named = `rule ${rule}${because === undefined ? '' : ` (${because})`}`
  if (isRepeating(directive)) {
    if (failed.attempt > restarts) {
      const spent = { ...failed, attempt: Number.POSITIVE_INFINITY }
      const why = `${named} allows ${restarts} repeats, and this is run ${failed.attempt}`
      return { ...climbed(policy, spent, why), rule }
    }
    const pauseMostMs = pauseMost(found.backoff ?? policy.backoff, failed.attempt)
    const why = `${named}, repeat ${failed.attempt} of ${restarts}`
    return { directive, act: directive, rule, pauseMostMs, to: null, why }
  }
  if (directive === 'reset' && isSpent(policy, failed)) {
    const spent = { ...failed, attempt: Number.POSITIVE_INFINITY }
    return { ...climbed(policy, spent, named), rule }
  }
  const act = directive === 'escalate' ? lastOf(policy) : directive
  return { directive, act, rule, pauseMostMs: 0, to, why: named }
}

/** What is tried when even this could not be done; null: the event is shed. */
export function afterFailed(policy: Policy, act: Rung): Rung | null {
  if (act === 'park') return null
  const last = lastOf(policy)
  return act === 'hold' || last === act ? 'park' : last
}

// A store that is away, or a conversation that another process has moved on, is no fault of the
// bot: the runtime tries again by itself, and a rule may only have a person told.
function ofValue(policy: Policy, { tag }: Judged, index: number): Verdict {
  const isTold = policy.rules[index]?.do === 'escalate'
  const rule = index < 0 ? null : index + 1
  const named = rule === null ? 'no rule matches' : `rule ${rule}`
  const why = `${named}; ${tag} is tried again without a count`
  const directive = isTold ? 'escalate' : 'retry'
  return { directive, act: 'retry', rule, pauseMostMs: 0, to: null, why }
}

function climbed(policy: Policy, failed: Judged, since: string): Verdict {
  const { ladder, restarts, backoff, intensity } = policy
  let left = failed.attempt
  for (const rung of ladder) {
    const verdict = { directive: rung, act: rung, rule: null, pauseMostMs: 0, to: null }
    if (isRepeating(rung)) {
      if (left <= restarts) {
        const pauseMostMs = pauseMost(backoff, failed.attempt)
        return { ...verdict, pauseMostMs, why: `${since}; ladder: ${rung} ${left} of ${restarts}` }
      }
      left -= restarts
      continue
    }
    if (rung === 'reset' && isSpent(policy, failed) && rung !== lastOf(policy)) {
      since += `; reset ${failed.resets + 1} within ${intensity.withinMs} ms is one too many`
      continue
    }
    return { ...verdict, why: `${since}; ladder: ${rung}` }
  }
  const act = lastOf(policy)
  return {
    directive: act,
    act,
    rule: null,
    pauseMostMs: 0,
    to: null,
    why: `${since}; ladder: ${act}`
  }
}

function isSpent({ intensity }: Policy, { resets }: Judged): boolean {
  return resets + 1 >= intensity.max
}

function lastOf({ ladder }: Policy): Rung {
  return ladder.at(-1) ?? 'hold'
}

const WHOLE = { fraction: () => 1, bytes: () => new Uint8Array() }

function pauseMost(backoff: Policy['backoff'], attempt: number): number {
  return fullJitterMs(WHOLE, backoff, attempt - 1)
}
