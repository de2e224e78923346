import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { FAILURES, fail } from '../kernel/failure.ts'
import { DIRECTIVES, defaultPolicy, type Policy } from './policy.ts'
import { brokenRules, type PolicyProblem } from './policy-problem.ts'
import type { ResetTargets } from './policy-source.ts'

const bounded = (name: string, least: number, most: number): t.Type<number> =>
  t.refinement(t.number, n => Number.isInteger(n) && n >= least && n <= most, name)

const count = bounded('a whole number from 0 to 100', 0, 100)
const some = bounded('a whole number from 1 to 100', 1, 100)
const ordinal = bounded('a whole number from 1 to 10,000', 1, 10_000)
// An hour: a longer pause would only keep the messages behind the event from being answered.
const pauseMs = bounded('whole milliseconds from 0 to 3,600,000', 0, 3_600_000)
const spanMs = bounded('whole milliseconds from 1 to 86,400,000', 1, 86_400_000)
const factor = t.refinement(t.number, n => n >= 1 && n <= 10, 'a number from 1 to 10')
const filled = t.refinement(t.string, text => text.trim().length > 0, 'a text that is not empty')

function oneOf<T extends string>(names: readonly T[]): t.Type<T> {
  const is = (value: unknown): value is T => (names as readonly unknown[]).includes(value)
  const decode = (value: unknown, context: t.Context): t.Validation<T> =>
    is(value) ? t.success(value) : t.failure(value, context)
  return new t.Type(`one of ${names.join(', ')}`, is, decode, name => name)
}

const tags = [...new Set(Object.values(FAILURES).map(({ tag }) => tag))]
const codes = Object.keys(FAILURES) as (keyof typeof FAILURES)[]
const rungs = DIRECTIVES.filter(name => name !== 'escalate')

const Url = t.refinement(
  t.string,
  text => /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''),
  'an address that begins with https:// or http://'
)
const Texts = t.refinement(
  t.record(t.string, filled),
  texts => Object.keys(texts).length > 0,
  'texts by locale, at least one'
)

const parts = {
  backoff: { all: { initialMs: pauseMs, maxMs: pauseMs, factor }, some: {} },
  intensity: { all: { max: some, withinMs: spanMs }, some: {} },
  attempt: { all: { from: ordinal }, some: { to: ordinal } },
  to: { all: { flow: filled, step: filled }, some: {} },
  texts: { all: {}, some: { reset: Texts, park: Texts, hold: Texts } },
  alarm: {
    all: {},
    some: { url: t.union([Url, t.null], Url.name), gatherMs: pauseMs, repeatMs: spanMs }
  }
} as const

const whenOf = {
  failure: oneOf(tags),
  code: oneOf(codes),
  stage: filled,
  flow: filled,
  step: filled,
  attempt: t.unknown
}
const ruleOf = {
  restarts: count,
  backoff: t.unknown,
  to: t.unknown,
  because: filled,
  when: t.unknown
}
const policyOf = {
  rules: t.unknown,
  restarts: count,
  backoff: t.unknown,
  ladder: t.refinement(
    t.array(oneOf(rungs)),
    list => list.length > 0,
    `a list of ${rungs.join(', ')}`
  ),
  intensity: t.unknown,
  texts: t.unknown,
  alarm: t.unknown
}

/**
 * Reads a policy from plain data, whole or not at all; what is absent is as in `defaultPolicy`.
 *
 * Fails with `CHP_POLICY_INVALID`, naming every wrong or unknown field; `said` puts a problem into
 * words, for callers that know where its field stands.
 */
export function policyFrom(
  data: unknown,
  { said = inWords, targets = {} }: ReadingPolicy = {}
): Policy {
  const problems = shapeProblems(data)
  const policy = problems.length === 0 ? filledIn(data as Partial<Policy>) : null
  if (policy !== null) problems.push(...brokenRules(policy, targets))
  if (policy !== null && problems.length === 0) return policy
  const lines = problems.map(found => said(found))
  return fail('CHP_POLICY_INVALID', `The supervision policy is wrong. ${lines.join('; ')}.`)
}

/** How a policy is read. */
interface ReadingPolicy {
  readonly said?: (found: PolicyProblem) => string
  /** The bot whose flows and steps it may name; default: any. */
  readonly targets?: ResetTargets
}

function filledIn(given: Partial<Policy>): Policy {
  const { alarm = {}, ...rest } = given
  return { ...defaultPolicy, ...rest, alarm: { ...defaultPolicy.alarm, ...alarm } }
}

function inWords({ path, problem, hint }: PolicyProblem): string {
  const place = path.length === 0 ? 'the policy' : path.join('.')
  return `${place}: ${problem}${hint === undefined ? '' : ` (${hint})`}`
}

type Fields = Readonly<Record<string, t.Mixed>>

function shapeProblems(data: unknown): PolicyProblem[] {
  if (!isObject(data)) return [{ path: [], problem: `expected fields, got ${shown(data)}` }]
  const own = fieldProblems(data, [], {}, policyOf as Fields)
  const inner = (['backoff', 'intensity', 'texts', 'alarm'] as const).flatMap(name =>
    partProblems(data[name], [name], parts[name])
  )
  return [...own, ...inner, ...rulesProblems(data['rules'])]
}

function rulesProblems(rules: unknown): readonly PolicyProblem[] {
  if (rules === undefined) return []
  if (!Array.isArray(rules)) {
    return [{ path: ['rules'], problem: `expected a list of rules, got ${shown(rules)}` }]
  }
  return rules.flatMap((rule: unknown, index) => {
    const path = ['rules', String(index)]
    if (!isObject(rule)) return [{ path, problem: `expected a rule, got ${shown(rule)}` }]
    const when: unknown = rule['when'] === undefined ? {} : rule['when']
    const { attempt } = isObject(when) ? when : {}
    return [
      ...fieldProblems(rule, path, { do: oneOf(DIRECTIVES) }, ruleOf as Fields),
      ...partProblems(rule['backoff'], [...path, 'backoff'], parts.backoff),
      ...partProblems(rule['to'], [...path, 'to'], parts.to),
      ...partProblems(when, [...path, 'when'], { all: {}, some: whenOf }),
      ...(typeof attempt === 'number'
        ? wrongField(attempt, ordinal, [...path, 'when', 'attempt'])
        : partProblems(attempt, [...path, 'when', 'attempt'], parts.attempt))
    ]
  })
}

function partProblems(
  data: unknown,
  path: readonly string[],
  { all, some }: { readonly all: object; readonly some: object }
): readonly PolicyProblem[] {
  if (data === undefined) return []
  if (isObject(data)) return fieldProblems(data, path, all as Fields, some as Fields)
  const names = [...Object.keys(all), ...Object.keys(some)]
  return [{ path, problem: `expected fields ${names.join(', ')}, got ${shown(data)}` }]
}

function fieldProblems(
  data: Readonly<Record<string, unknown>>,
  path: readonly string[],
  all: Fields,
  some: Fields
): PolicyProblem[] {
  const known = [...Object.keys(all), ...Object.keys(some)]
  const strangers = Object.keys(data)
    .filter(key => !known.includes(key))
    .map(key => ({
      path: [...path, key],
      problem: `unknown field, known are ${known.join(', ')}`,
      ...hinted(key, known)
    }))
  const wrong = known.flatMap(key => {
    const value = data[key]
    if (value === undefined && !Object.hasOwn(all, key)) return []
    return wrongField(value, (all[key] ?? some[key])!, [...path, key])
  })
  return [...strangers, ...wrong]
}

function wrongField(
  value: unknown,
  codec: t.Mixed,
  path: readonly string[]
): readonly PolicyProblem[] {
  const decoded = codec.decode(value)
  if (isRight(decoded)) return []
  const { context = [], value: got = value } = decoded.left[0] ?? {}
  const inner = codec instanceof t.UnionType ? [] : context.slice(1).map(({ key }) => key)
  const { name } = codec instanceof t.UnionType ? codec : (context.at(-1)?.type ?? codec)
  const names = name.startsWith('one of ') ? name.slice(7).split(', ') : []
  const problem = `expected ${name}, got ${shown(got)}`
  return [{ path: [...path, ...inner], problem, ...hinted(got, names) }]
}

/** The known word that a mistyped one is nearest to. */
function hinted(word: unknown, known: readonly string[]): { hint?: string } {
  if (typeof word !== 'string') return {}
  const near = known.find(name => distance(word.toLowerCase(), name.toLowerCase()) <= 2)
  return near === undefined ? {} : { hint: `did you mean "${near}"?` }
}

/** Letters to add, drop or change (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let at = 0; at < to.length; at += 1) {
      const changed = row[at]! + (to[at] === letter ? 0 : 1)
      next.push(Math.min(changed, row[at + 1]! + 1, next[at]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
