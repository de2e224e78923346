import { Secret } from './secret.ts'

const DEPTH_MOST = 64
const HERE = ''

/**
 * Where a value holds something that JSON would not give back as it was, as a path; null when it
 * is plain data.
 *
 * Plain are texts, finite numbers, booleans, null, dense arrays and plain objects, at most 64 deep.
 * A field of `undefined` counts as absent. With `secrets`, `Secret` values are let through.
 */
export function unplainPath(value: unknown, { secrets = false } = {}): string | null {
  const found = stray(value, 0, secrets)
  return found === null ? null : found.replace(/^\./, '') || 'the value'
}

// The path is put together on the way back, so that plain data costs no text.
function stray(value: unknown, depth: number, secrets: boolean): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : HERE
    case 'object':
      if (value === null || (secrets && value instanceof Secret)) return null
      return depth < DEPTH_MOST ? strayInside(value, depth, secrets) : HERE
    default:
      return HERE
  }
}

function strayInside(value: object, depth: number, secrets: boolean): string | null {
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const found = stray(value[at], depth + 1, secrets)
      if (found !== null) return `[${at}]${found}`
    }
    return null
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return HERE
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key]
    if (inner === undefined) continue
    // Reading it back by assignment would set a prototype instead of a field.
    const found = key === '__proto__' ? HERE : stray(inner, depth + 1, secrets)
    if (found !== null) return `.${key}${found}`
  }
  return null
}
