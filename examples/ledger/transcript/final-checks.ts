import type { LogAnswer } from '../service/control-protocol.ts'
import { counted, isSubset, type Miss } from './checks.ts'
import type { Final } from './form-expectation.ts'
import type { Asked } from './ledger-door.ts'

/** What was seen of a whole case. */
export interface SeenInAll {
  readonly effects: Readonly<Record<string, number>>
  readonly offers: LogAnswer['offers']
  readonly asked: readonly Asked[]
  readonly indicesOf: (id: string) => readonly number[]
  /** Which of these texts stand in the log. */
  readonly logged: (texts: readonly string[]) => readonly string[]
}

/** Everything in which the end of a case is not as expected. */
export function judgeEnd(expected: Final, seen: SeenInAll): readonly Miss[] {
  const { offers, sameIdempotencyKey, logsMustNotContain = [] } = expected
  const findings = [
    ...counted('effects', expected.effects, seen.effects),
    ...(offers === undefined ? [] : judgeOffers(offers, seen.offers)),
    ...(sameIdempotencyKey === undefined ? [] : judgeKeys(sameIdempotencyKey, seen)),
    ...seen.logged(logsMustNotContain).map(text => ({
      what: 'log',
      expected: `nothing like ${JSON.stringify(text)}`,
      seen: 'it was logged'
    }))
  ]
  return findings.map(finding => ({ entry: 'the end', ...finding }))
}

type Finding = Omit<Miss, 'entry'>

/** Each named offer must be another one of the ledger's, and none that the case made is left. */
function judgeOffers(wanted: readonly object[], offers: LogAnswer['offers']): readonly Finding[] {
  const made = offers.filter(({ createdBy }) => createdBy === 'member')
  if (assigned(wanted, offers, new Set())) return []
  return [{ what: 'offers', expected: wanted, seen: made.length > 0 ? made : offers }]
}

/** Tries all ways to give each wanted offer one of its own, until those that were made are used. */
function assigned(
  [first, ...rest]: readonly object[],
  offers: LogAnswer['offers'],
  used: ReadonlySet<number>
): boolean {
  if (first === undefined) {
    return offers.every(({ createdBy }, index) => createdBy !== 'member' || used.has(index))
  }
  return offers.some(
    (offer, index) =>
      !used.has(index) &&
      isSubset(first, offer) &&
      assigned(rest, offers, new Set([...used, index]))
  )
}

/** The changing requests of these entries all bore one key. */
function judgeKeys(ids: readonly string[], { asked, indicesOf }: SeenInAll): readonly Finding[] {
  const entries = ids.flatMap(indicesOf)
  const keys = asked
    .filter(({ key, causedBy }) => key !== null && causedBy.some(one => entries.includes(one)))
    .map(({ key }) => key)
  if (new Set(keys).size === 1) return []
  return [{ what: 'idempotency keys', expected: `one key for ${ids.join(', ')}`, seen: keys }]
}
