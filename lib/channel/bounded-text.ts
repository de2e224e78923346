import * as t from 'io-ts'

/** Codec of a text of 1 to `max` UTF-16 units; anything else does not decode. */
export function boundedText(max: number): t.Type<string, string, unknown> {
  const fits = (value: unknown): value is string =>
    typeof value === 'string' && value.length > 0 && value.length <= max
  return new t.Type(
    `TextOf1To${max}`,
    fits,
    (value, context) => (fits(value) ? t.success(value) : t.failure(value, context)),
    t.identity
  )
}
