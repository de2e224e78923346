import type { CallFailure } from '../../../../lib/conversation/program.ts'

// Errors of the attempt to connect: not one byte of the request has left.
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT'
])

/** What is known of a request that got no answer, from what `fetch` threw. */
export function lost(thrown: unknown): CallFailure {
  const code = codeOf(thrown)
  return {
    tag: code !== null && NEVER_SENT.has(code) ? 'unavailable' : 'unknown',
    detail: code ?? 'no answer'
  }
}

/** The code of an error, or of what caused it: `fetch` wraps what the socket said. */
function codeOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' ? code : codeOf(thrown.cause)
}
