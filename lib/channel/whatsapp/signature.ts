import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const FORM = /^sha256=([0-9a-f]{64})$/i

/**
 * True when `X-Hub-Signature-256` is the HMAC-SHA256 of these very bytes under one of the secrets.
 *
 * Several secrets are for their rotation; each is tried, so that the time tells nothing.
 */
export function isSigned(
  raw: Uint8Array,
  header: string | undefined,
  secrets: readonly string[]
): boolean {
  const hex = FORM.exec(header ?? '')?.[1]
  if (hex === undefined) return false
  const given = Buffer.from(hex, 'hex')
  const matches = secrets.filter(secret =>
    timingSafeEqual(createHmac('sha256', secret).update(raw).digest(), given)
  )
  return matches.length > 0
}

/** True when two texts are equal, in a time that depends on neither. */
export function isSameText(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

// Equal lengths are what `timingSafeEqual` asks for, and a length would tell something too.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
