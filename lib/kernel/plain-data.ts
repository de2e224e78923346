import { Secret } from './secret.ts'

const DEPTH_MOST = 64

/**
 * Where a value holds something that JSON would not give back as it was, as a path; null when it
 * is plain data.
 *
 * Plain are texts, finite numbers, booleans, null, dense arrays and plain objects, at most 64 deep.
 * A field of `undefined` counts as absent. With `secrets`, `Secret` values are let through.
 */
export function unplainPath(value: unknown, { secrets = false } = {}): string | null {
  return stray(value, '', 0, secrets)
}

function stray(value: unknown, path: string, depth: number, secrets: boolean): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : named(path)
    case 'object':
      if (value === null || (secrets && value instanceof Secret)) return null
      return depth < DEPTH_MOST ? strayInside(value, path, depth, secrets) : named(path)
    default:
      return named(path)
  }
}

function strayInside(value: object, path: string, depth: number, secrets: boolean): string | null {
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const found = stray(value[at], `${path}[${at}]`, depth + 1, secrets)
      if (found !== null) return found
    }
    return null
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return named(path)
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key]
    if (inner === undefined) continue
    const place = path === '' ? key : `${path}.${key}`
    // Reading it back by assignment would set a prototype instead of a field.
    const found = key === '__proto__' ? place : stray(inner, place, depth + 1, secrets)
    if (found !== null) return found
  }
  return null
}

function named(path: string): string {
  return path === '' ? 'the value' : path
}
