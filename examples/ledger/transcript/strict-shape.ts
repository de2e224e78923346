import * as t from 'io-ts'

type Required<R extends t.Props> = { readonly [K in keyof R]: t.TypeOf<R[K]> }
type Optional<O extends t.Props> = { readonly [K in keyof O]?: t.TypeOf<O[K]> }

/** A record with required and optional fields that refuses every other field by name. */
export function strictShape<R extends t.Props, O extends t.Props = Record<never, never>>(
  name: string,
  required: R,
  optional?: O
): t.Type<Required<R> & Optional<O>, unknown> {
  type A = Required<R> & Optional<O>
  const codecs = new Map<string, t.Mixed>(Object.entries({ ...required, ...optional }))
  const validate: t.Validate<unknown, A> = (input, context) => {
    if (!isRecord(input)) return t.failure(input, context)
    const errors: t.Errors = []
    const keep = (key: string, codec: t.Mixed, value: unknown): void => {
      const result = codec.validate(value, t.appendContext(context, key, codec, value))
      if (result._tag === 'Left') errors.push(...result.left)
    }
    for (const key of Object.keys(required)) {
      if (Object.hasOwn(input, key)) continue
      const place = t.appendContext(context, key, codecs.get(key)!)
      errors.push({ value: undefined, context: place, message: 'is missing' })
    }
    for (const [key, value] of Object.entries(input)) {
      const codec = codecs.get(key)
      if (codec !== undefined) keep(key, codec, value)
      else errors.push({ value, context: unknownKey(context, key), message: 'is not known here' })
    }
    return errors.length > 0 ? t.failures(errors) : t.success(input as A)
  }
  return new t.Type<A, unknown>(
    name,
    (input): input is A => validate(input, [])._tag === 'Right',
    validate,
    t.identity
  )
}

/**
 * One of several shapes, chosen by looking at the input, so that errors speak of one shape only.
 *
 * `pick` answers a codec, or what is wrong when none fits.
 */
export function chosenShape<A>(
  name: string,
  pick: (input: Readonly<Record<string, unknown>>) => t.Decoder<unknown, A> | string
): t.Type<A, unknown> {
  const validate: t.Validate<unknown, A> = (input, context) => {
    if (!isRecord(input)) return t.failure(input, context)
    const codec = pick(input)
    return typeof codec === 'string'
      ? t.failure(input, context, codec)
      : codec.validate(input, context)
  }
  return new t.Type<A, unknown>(
    name,
    (input): input is A => validate(input, [])._tag === 'Right',
    validate,
    t.identity
  )
}

/** A value of this codec, or null. */
export function orNull<A>(codec: t.Type<A, unknown>): t.Type<A | null, unknown> {
  const name = `${codec.name} or null`
  const is = (input: unknown): input is A | null => input === null || codec.is(input)
  return new t.Type<A | null, unknown>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity
  )
}

/** A text that another test accepts. */
export function textLike(name: string, fits: (text: string) => boolean): t.Type<string, unknown> {
  const is = (input: unknown): input is string => typeof input === 'string' && fits(input)
  return new t.Type<string, unknown>(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity
  )
}

/** A whole number of at least `min`. */
export function wholeFrom(min: number): t.Type<number, unknown> {
  const is = (input: unknown): input is number =>
    Number.isSafeInteger(input) && Number(input) >= min
  return new t.Type<number, unknown>(
    `a whole number from ${min}`,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity
  )
}

/** What is wrong, one line a problem, such as `messages.3.at must be a whole number from 0`. */
export function shapeProblems(errors: t.Errors): string[] {
  const lines = errors.map(({ context, message }) => {
    const place = context
      .map(({ key }) => key)
      .filter(key => key !== '')
      .join('.')
    return `${place || 'the file'} ${message ?? `must be ${context.at(-1)?.type.name ?? 'else'}`}`
  })
  return [...new Set(lines)]
}

function unknownKey(context: t.Context, key: string): t.Context {
  return t.appendContext(context, key, t.never)
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
