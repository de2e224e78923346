/**
 * What an error of the client or the server says about the call.
 *
 * `refused`: nothing was written, the same call may succeed later. `fatal`: nothing was written and
 * repeating does not help. `wrongType`: a foreign key. `unknown`: it may have happened.
 */
export type Verdict = 'refused' | 'fatal' | 'wrongType' | 'unknown'

const REFUSED = new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOREPLICAS',
  'NOSCRIPT',
  'OOM',
  'READONLY',
  'TRYAGAIN'
])
const FATAL = new Set(['CROSSSLOT', 'NOAUTH', 'NOPERM', 'WRONGPASS', 'NOPROTO', 'DENIED'])
const NEVER_SENT = "Stream isn't writeable"

/** The verdict on an error; whatever is not listed may have happened. */
export function classify(error: unknown): Verdict {
  const message = messageOf(error)
  const word = /^-?([A-Z]+)\b/.exec(message)?.[1] ?? ''
  if (word === 'WRONGTYPE') return 'wrongType'
  if (REFUSED.has(word) || message.startsWith(NEVER_SENT)) return 'refused'
  if (message.startsWith('ERR max number of clients')) return 'refused'
  if (FATAL.has(word) || message.startsWith('ERR unknown command')) return 'fatal'
  return 'unknown'
}

/** What may be quoted of an error: never arguments, which hold what members wrote. */
export function quoted(error: unknown): string {
  const message = messageOf(error)
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code === 'string') return code
  if (message.startsWith('ERR unknown command')) return 'ERR unknown command'
  return message.split('\n', 1)[0]!.slice(0, 120)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
