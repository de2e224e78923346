import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fail } from '../kernel/failure.ts'
import type { Backoff } from '../kernel/random.ts'

const count = t.refinement(t.number, n => Number.isInteger(n) && n >= 0 && n <= 100, 'Count0to100')
const millis = t.refinement(t.number, n => Number.isInteger(n) && n >= 0, 'Milliseconds')
const factor = t.refinement(t.number, n => n >= 1 && n <= 10, 'Factor1to10')

const PolicyCodec = t.exact(
  t.type({
    restarts: count,
    backoff: t.exact(t.type({ initialMs: millis, maxMs: millis, factor }))
  }),
  'Policy'
)

/**
 * What supervisors do when a conversation's actor fails.
 *
 * `restarts` counts repeats of one event from the last valid snapshot; the event runs once more
 * than that. After them the conversation is reset to MENU and the event is parked.
 */
export interface Policy {
  readonly restarts: number
  readonly backoff: Backoff
}

/** Three restarts of one event with back-off, then reset to MENU with an apology (design 5). */
export const defaultPolicy: Policy = {
  restarts: 3,
  backoff: { initialMs: 50, maxMs: 1_000, factor: 2 }
}

/**
 * Reads a policy from plain data, whole or not at all.
 *
 * Fails with `CHP_POLICY_INVALID`, naming every wrong or unknown field.
 */
export function policyFrom(data: unknown): Policy {
  const problems = unknownKeys(data)
  const decoded = PolicyCodec.decode(data)
  if (!isRight(decoded)) {
    for (const { context, value } of decoded.left) {
      const path = context
        .map(({ key }) => key)
        .filter(key => key !== '')
        .join('.')
      const expected = context[context.length - 1]?.type.name ?? 'a policy'
      problems.push(`${path || 'the policy'}: expected ${expected}, got ${JSON.stringify(value)}`)
    }
  }
  if (problems.length > 0 || !isRight(decoded)) {
    return fail('CHP_POLICY_INVALID', `The supervision policy is wrong. ${problems.join('; ')}.`)
  }
  return decoded.right
}

function unknownKeys(data: unknown): string[] {
  if (!isObject(data)) return []
  const problems = Object.keys(data)
    .filter(key => key !== 'restarts' && key !== 'backoff')
    .map(key => `${key}: unknown field, known are restarts and backoff`)
  const backoff = data['backoff']
  if (!isObject(backoff)) return problems
  const known = ['initialMs', 'maxMs', 'factor']
  for (const key of Object.keys(backoff)) {
    if (!known.includes(key)) {
      problems.push(`backoff.${key}: unknown field, known are ${known.join(', ')}`)
    }
  }
  return problems
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

/** What happens to the actor, and to the event that failed. */
export type Directive =
  /** The actor is rebuilt from the last valid snapshot and takes the same event again. */
  | { readonly tag: 'restart'; readonly attempt: number }
  /** MENU with core kept, the event parked with its cause, one apology. */
  | { readonly tag: 'reset' }

/** Chooses the directive for an event that failed `failures` times by a Defect. */
export function directiveFor(policy: Policy, failures: number): Directive {
  return failures <= policy.restarts ? { tag: 'restart', attempt: failures } : { tag: 'reset' }
}
