import fc from 'fast-check'
import { Secret } from '../../lib/kernel/secret.ts'
import { aCore, aRecord } from './a-record.ts'

/** Stands in every generated secret. */
export const CANARY = 'canary-5b0c'

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', '$sealed', '$$sealed', 'toString', '')
)
const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '👩🏽‍🚀', '\u202eabc', 'n\u0303 \u00f1', [], {}, deep(40)),
      fc.integer({ min: 100, max: 8_000 }).map(length => 'long '.repeat(length / 5))
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    dataOf(tie('value'))
  )
})).value
function deep(levels: number): unknown {
  return levels === 0 ? 'bottom' : levels % 2 === 0 ? [deep(levels - 1)] : { in: deep(levels - 1) }
}
// Own keys, `__proto__` among them, as a parsed webhook may bring them.
function dataOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map(entries => Object.fromEntries(entries))
}

/** Records with any data an author may store: of any depth, with any text and any own key. */
export const anyRecord = fc
  .record({
    schema: fc.nat(9),
    data: dataOf(json),
    cache: json,
    token: fc.string({ unit: 'binary' })
  })
  .map(({ schema, data, cache, token }) =>
    aRecord({
      schema,
      core: aCore({ cache, token: { value: Secret.of(token + CANARY), refreshes: 0, setAt: 1 } }),
      flow: { ...aRecord().flow, data }
    })
  )

/** What a store of UTF-8 gives back. */
export function stored(text: string): string {
  return Buffer.from(text).toString()
}

/** A canonical text: secrets revealed, own `__proto__` keys visible, order of keys irrelevant. */
export function shown(value: unknown): string {
  if (value instanceof Secret)
    return `secret(${JSON.stringify(Buffer.from(value.reveal()).toString())})`
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}:${shown(inner)}`
  )
  return `{${entries.toSorted().join()}}`
}
