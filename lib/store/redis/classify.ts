import type { FailureCode } from '../../kernel/failure.ts'

/**
 * What an error of the client or the server says about the call, and so what is done about it.
 *
 * `now`: nothing was written, and the call is repeated at once. `later`: nothing was written, and
 * the same call may succeed when the server is well again. `unknown`: it may have happened, and is
 * repeated with the same head until that is known. `fatal`: nothing was written, and nothing will
 * be before a person has mended the setup. `conversation`: a foreign key, which is the trouble of
 * one conversation only, as is what it holds in `damaged`. A seventh class, not durable enough, is
 * no error of the server: the barrier finds it.
 */
export type Verdict = 'now' | 'later' | 'unknown' | 'fatal' | 'conversation' | 'damaged'

/** The failure a verdict is reported as. */
export const FAILURE_OF = {
  now: 'CHP_STORE_REFUSED',
  later: 'CHP_STORE_REFUSED',
  unknown: 'CHP_STORE_UNAVAILABLE',
  fatal: 'CHP_STORE_DENIED',
  conversation: 'CHP_STORE_WRONG_TYPE',
  damaged: 'CHP_RECORD_CORRUPT'
} as const satisfies Record<Verdict, FailureCode>

const BY_WORD: Readonly<Record<string, Verdict>> = {
  ASK: 'now',
  MOVED: 'now',
  NOSCRIPT: 'now',
  BUSY: 'later',
  CLUSTERDOWN: 'later',
  LOADING: 'later',
  MASTERDOWN: 'later',
  MISCONF: 'later',
  NOREPLICAS: 'later',
  OOM: 'later',
  READONLY: 'later',
  TRYAGAIN: 'later',
  CROSSSLOT: 'fatal',
  DENIED: 'fatal',
  NOAUTH: 'fatal',
  NOPERM: 'fatal',
  NOPROTO: 'fatal',
  WRONGPASS: 'fatal',
  WRONGTYPE: 'conversation',
  CORRUPT: 'damaged'
}

// Errors that bear no word of their own, by how they begin. The last one is the only fatal error
// that may come in the midst of a script: `open()` looks beforehand whether it can.
const NEVER_SENT = "Stream isn't writeable"
const BY_BEGINNING: readonly (readonly [string, Verdict])[] = [
  [NEVER_SENT, 'later'],
  ['ERR max number of clients', 'later'],
  ['ERR unknown command', 'fatal'],
  ["ERR The user executing the script can't run this command", 'fatal']
]

/** The verdict on an error; whatever is not listed may have happened. */
export function classify(error: unknown): Verdict {
  const message = messageOf(error)
  const word = /^-?([A-Z]+)\b/.exec(message)?.[1] ?? ''
  if (Object.hasOwn(BY_WORD, word)) return BY_WORD[word]!
  return BY_BEGINNING.find(([beginning]) => message.startsWith(beginning))?.[1] ?? 'unknown'
}

/** True when the client had no connection to send the call by. */
export function isNeverSent(error: unknown): boolean {
  return messageOf(error).startsWith(NEVER_SENT)
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
