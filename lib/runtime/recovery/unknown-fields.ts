import { Secret } from '../../kernel/secret.ts'

/**
 * What a codec made of a stored value, with the fields again that it does not know and left out.
 *
 * A build of the same schema may know them: in a rolling deploy this one must not lose them. Gives
 * the decoded value itself where nothing was left out.
 */
export function withUnknown<T>(decoded: T, stored: unknown): T {
  return merged(decoded, stored) as T
}

function merged(decoded: unknown, stored: unknown): unknown {
  if (!isPlain(decoded) || !isPlain(stored)) return decoded
  const left = Object.entries(stored).filter(([key]) => !Object.hasOwn(decoded, key))
  const inner = Object.entries(decoded).map(([key, value]) => {
    const was = Object.hasOwn(stored, key) ? stored[key] : undefined
    return [key, merged(value, was)] as const
  })
  const isSame = left.length === 0 && inner.every(([key, value]) => value === decoded[key])
  return isSame ? decoded : Object.fromEntries([...inner, ...left])
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return false
  return !Array.isArray(value)
}
