import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fail } from '../kernel/failure.ts'
import type { Backoff } from '../kernel/random.ts'

const count = t.refinement(t.number, n => Number.isInteger(n) && n >= 0 && n <= 100, 'Count0to100')
// An hour: a longer pause would only keep the messages behind the event from being answered.
const PAUSE_MS_MOST = 3_600_000

const isMillis = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= PAUSE_MS_MOST
const millis = t.refinement(t.number, isMillis, 'Milliseconds0to3600000')
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

/** One thing that is wrong with a policy, and the field it is about; no field: the whole of it. */
export interface PolicyProblem {
  readonly path: readonly string[]
  readonly problem: string
}

/**
 * Reads a policy from plain data, whole or not at all.
 *
 * Fails with `CHP_POLICY_INVALID`, naming every wrong or unknown field; `said` puts a problem into
 * words, for callers that know where its field stands.
 */
export function policyFrom(
  data: unknown,
  said: (found: PolicyProblem) => string = inWords
): Policy {
  const problems = [...unknownFields(data), ...wrongFields(data)]
  const decoded = PolicyCodec.decode(data)
  if (problems.length === 0 && isRight(decoded)) return decoded.right
  const lines = problems.map(found => said(found))
  return fail('CHP_POLICY_INVALID', `The supervision policy is wrong. ${lines.join('; ')}.`)
}

function inWords({ path, problem }: PolicyProblem): string {
  return `${path.length === 0 ? 'the policy' : path.join('.')}: ${problem}`
}

function wrongFields(data: unknown): readonly PolicyProblem[] {
  const decoded = PolicyCodec.decode(data)
  if (isRight(decoded)) return []
  return decoded.left.map(({ context, value }) => {
    const expected = context[context.length - 1]?.type.name ?? PolicyCodec.name
    const got = value === undefined ? 'nothing' : JSON.stringify(value)
    const path = context.map(({ key }) => key).filter(key => key !== '')
    return { path, problem: `expected ${expected}, got ${got}` }
  })
}

function unknownFields(data: unknown): readonly PolicyProblem[] {
  if (!isObject(data)) return []
  const own = strangers(data, ['restarts', 'backoff'], [])
  const { backoff } = data
  if (!isObject(backoff)) return own
  return [...own, ...strangers(backoff, ['initialMs', 'maxMs', 'factor'], ['backoff'])]
}

function strangers(
  data: object,
  known: readonly string[],
  parent: readonly string[]
): readonly PolicyProblem[] {
  return Object.keys(data)
    .filter(key => !known.includes(key))
    .map(key => ({
      path: [...parent, key],
      problem: `unknown field, known are ${known.join(', ')}`
    }))
}

function isObject(data: unknown): data is { readonly backoff?: unknown } {
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
