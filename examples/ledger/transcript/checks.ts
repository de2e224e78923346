import { isDeepStrictEqual } from 'node:util'
import type { Expectation } from './form-expectation.ts'
import type { Identity, Look } from './look.ts'
import type { Taken } from './recorder.ts'
import { replyText } from './reply-text.ts'
import { VOCABULARY } from './vocabulary.ts'

/** One thing that is not as the case says. */
export interface Miss {
  /** The entry by id and place, or the end. */
  readonly entry: string
  readonly what: string
  readonly expected: unknown
  readonly seen: unknown
}

/** What was seen of one entry. */
export interface Seen {
  readonly look: Look
  readonly taken: readonly Taken[]
  /** Since the start of the case. */
  readonly effects: Readonly<Record<string, number>>
  readonly calls: Readonly<Record<string, number>>
  readonly supervision: { readonly restarts: number; readonly reset: boolean }
}

type Finding = Omit<Miss, 'entry'>

/** Everything in which an entry is not as expected. */
export function judge(expected: Expectation, seen: Seen): readonly Finding[] {
  const { look, effects, calls, supervision } = seen
  const { stage, step, dataSubset, dataAbsent = [], identity = {}, validation } = expected
  return [
    ...(stage === null ? [] : differing('stage', stage, look.stage)),
    ...(step === null ? [] : differing('step', step, look.step)),
    ...(isSubset(dataSubset, look.data) ? [] : [finding('data', dataSubset, look.data)]),
    ...dataAbsent
      .filter(key => Object.hasOwn(look.data, key))
      .map(key => finding(`data.${key}`, 'absent', look.data[key])),
    ...Object.entries(identity).flatMap(([key, value]) =>
      differing(`identity.${key}`, value, look.identity[key as keyof Identity])
    ),
    ...(validation === undefined
      ? []
      : differing('validation.attempts', validation.attempts, look.attempts)),
    ...counted('effects', expected.effects, effects),
    ...counted('calls', expected.calls, calls),
    ...(expected.supervision === undefined
      ? []
      : differing('supervision', expected.supervision, supervision)),
    ...judgeReplies(expected, seen.taken)
  ]
}

/** Each named count as it must be; what is not counted is 0. */
export function counted(
  what: string,
  expected: Readonly<Record<string, number>> | undefined,
  seen: Readonly<Record<string, number>>
): readonly Finding[] {
  return Object.entries(expected ?? {}).flatMap(([name, count]) =>
    differing(`${what}.${name}`, count, seen[name] ?? 0)
  )
}

/** True when all of `part` stands in `whole`; lists must be of equal length. */
export function isSubset(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      part.length === whole.length &&
      part.every((item, index) => isSubset(item, whole[index]))
    )
  }
  if (typeof part !== 'object' || part === null) return isDeepStrictEqual(part, whole)
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  return Object.entries(part).every(([key, value]) =>
    isSubset(value, (whole as Readonly<Record<string, unknown>>)[key])
  )
}

/**
 * Replies are delivered at least once: a message that was repeated because its sender could not
 * know that it had been taken may count or not.
 */
function judgeReplies(expected: Expectation, taken: readonly Taken[]): readonly Finding[] {
  const all = judgeTaken(expected, taken)
  const once = taken.filter(({ repeated }) => !repeated)
  if (all.length === 0 || once.length === taken.length) return all
  const counting = judgeTaken(expected, once)
  return counting.length === 0 ? counting : all
}

function judgeTaken(expected: Expectation, taken: readonly Taken[]): readonly Finding[] {
  const { replyKinds, replyMatches, replyMustNotMatch = [], maxReplies } = expected
  const noted = taken.filter(({ reply }) => reply.note !== 'progress')
  const counting = noted.filter(({ reply }) => reply.note !== 'greeting').map(textOf)
  const texts = taken.map(textOf)
  const kinds = replyKinds.length === replyMatches.length ? replyKinds : []
  const matches =
    replyMatches.length === counting.length &&
    replyMatches.every((pattern, index) => matching(pattern).test(counting[index]!))
  return [
    ...(matches ? [] : [finding('replies', replyMatches, counting)]),
    ...(matches ? kinds : [])
      .map((kind, index) => ({ kind, index }))
      .filter(({ kind, index }) => VOCABULARY[kind]?.test(counting[index]!) === false)
      .map(({ kind, index }) =>
        finding(`reply ${index} as ${kind}`, VOCABULARY[kind]!.source, counting[index])
      ),
    ...replyMustNotMatch.flatMap(pattern => {
      const breach = texts.find(text => matching(pattern).test(text))
      return breach === undefined ? [] : [finding('replies', `nothing like ${pattern}`, breach)]
    }),
    ...(maxReplies !== undefined && noted.length > maxReplies
      ? [finding('replies', `at most ${maxReplies}`, texts)]
      : [])
  ]
}

function textOf({ reply }: Taken): string {
  return replyText(reply)
}

function matching(pattern: string): RegExp {
  return new RegExp(pattern, 'is')
}

function differing(what: string, expected: unknown, seen: unknown): readonly Finding[] {
  return isDeepStrictEqual(expected, seen) ? [] : [finding(what, expected, seen)]
}

function finding(what: string, expected: unknown, seen: unknown): Finding {
  return { what, expected, seen }
}
