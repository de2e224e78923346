import { createHash } from 'node:crypto'

/** A digest of who asked for what; the order of a body's fields makes no difference. */
export function fingerprintOf(memberId: string, path: string, body: unknown): string {
  const parts = [memberId, path, JSON.stringify(sorted(body)) ?? '']
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
