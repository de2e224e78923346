import * as E from 'fp-ts/lib/Either.js'

/** How deep a webhook body may nest; real ones reach 9. */
export const DEPTH_MAX = 32
/** How many keys a webhook body may have: a full batch of 1,000 updates has about 20,000. */
export const KEYS_MAX = 50_000

/**
 * Parses JSON from bytes, or says why not: not UTF-8, too deep, too many keys, not JSON.
 *
 * Depth and keys are counted before the parse, which would be slow on a hostile body.
 */
export function parseBounded(raw: Uint8Array): E.Either<string, unknown> {
  const excess = excessOf(raw)
  if (excess !== null) return E.left(excess)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
    return E.right(JSON.parse(text))
  } catch {
    return E.left('the body is not JSON')
  }
}

function excessOf(raw: Uint8Array): string | null {
  let depth = 0
  let keys = 0
  let inText = false
  for (let at = 0; at < raw.length; at += 1) {
    const byte = raw[at]
    if (inText) {
      if (byte === BACKSLASH) at += 1
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (byte === COLON) keys += 1
    else if (byte === BRACE || byte === BRACKET) depth += 1
    else if (byte === BRACE_END || byte === BRACKET_END) depth -= 1
    if (depth > DEPTH_MAX) return `the body nests deeper than ${DEPTH_MAX}`
    if (keys > KEYS_MAX) return `the body has more than ${KEYS_MAX} keys`
  }
  return null
}

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const BRACKET = 0x5b
const BRACKET_END = 0x5d
const BRACE = 0x7b
const BRACE_END = 0x7d
