import * as t from 'io-ts'

const REDACTED = '[redacted]'
// The same one in every copy of the package: a bot may be made with another than runs it.
const SECRET = Symbol.for('chaperone.secret')
const revealed = new WeakMap<Secret, string>()

/**
 * A value that must never be seen by accident: it prints, stringifies and inspects as `[redacted]`.
 *
 * The store seals it at rest; only `reveal` gives the text.
 */
export class Secret {
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && SECRET in value
  }

  static of(value: string): Secret {
    const secret = new Secret()
    revealed.set(secret, value)
    return Object.freeze(secret)
  }

  get [SECRET](): true {
    return true
  }

  reveal(): string {
    return revealed.get(this) ?? ''
  }

  equals(other: Secret): boolean {
    return this.reveal() === other.reveal()
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  // The key by which Node's `util.inspect` and `console.log` ask an object to print itself.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED
  }
}

/** Codec of a secret text: holds `Secret` values only, so that no plain text is taken for one. */
export const SecretText = new t.Type<Secret, Secret, unknown>(
  'SecretText',
  (value): value is Secret => value instanceof Secret,
  (value, context) => (value instanceof Secret ? t.success(value) : t.failure(value, context)),
  t.identity
)
