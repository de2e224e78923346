import type { LedgerError, Outcome } from './protocol.ts'

/** What travels back for one request; faults may damage it before it is written out. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** How a request ends: with an answer, or in one of the ways in which networks fail. */
export type LedgerResult =
  | LedgerAnswer
  /** No answer ever comes. */
  | { readonly hang: true }
  /** The connection breaks after the request was read. */
  | { readonly reset: true }
  /** The connection breaks before the request was read. */
  | { readonly refuse: true }

export interface LedgerAnswer {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Nearly always JSON. */
  readonly body: string
  /** A fault: the status line comes at once, the rest after so long. */
  readonly slowHeadersMs?: number
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const

export function okReply(body: Reply['body'], headers: Reply['headers'] = {}): Reply {
  return { status: 200, headers, body }
}

export function errorReply(error: LedgerError, headers: Reply['headers'] = {}): Reply {
  const status = STATUS_OF[error.code]
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  return { status, headers: { ...challenge, ...headers }, body: { error } }
}

export function outcomeReply(outcome: Outcome): Reply {
  return 'error' in outcome ? errorReply(outcome.error) : okReply(outcome)
}

/** Puts a reply into the form in which it leaves. */
export function encodeReply({ status, headers, body }: Reply): LedgerAnswer {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }
}

/** How a result is told in a log: its HTTP status, or a word for having none. */
export function statusOf(result: LedgerResult): number | 'hang' | 'reset' | 'refuse' {
  if ('status' in result) return result.status
  if ('hang' in result) return 'hang'
  return 'reset' in result ? 'reset' : 'refuse'
}

export function isAnswer(result: LedgerResult): result is LedgerAnswer {
  return 'status' in result
}

const STATUS_OF: Readonly<Record<LedgerError['code'], number>> = {
  MALFORMED: 400,
  KEY_REQUIRED: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  UNKNOWN_PATH: 404,
  WRONG_METHOD: 405,
  ALREADY: 409,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  NOT_PENDING: 409,
  TOO_LARGE: 413,
  INSUFFICIENT_BALANCE: 422,
  LIMIT_EXCEEDED: 422,
  SELF: 422,
  VALIDATION: 422,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503
}
