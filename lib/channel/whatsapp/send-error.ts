import type { Sent } from '../channel.ts'

/** What the provider said when it did not take a message. */
export interface SendError {
  readonly httpStatus: number
  /** `error.code` of the answer; null when the answer is not one of the Graph API. */
  readonly code: number | null
  readonly subcode: number | null
  readonly isTransient: boolean
  /** From `Retry-After`; null when there is none. */
  readonly retryAfterMs: number | null
}

/** What to do about it; `alarm` says that a person must mend a setting or the account. */
export interface SendVerdict {
  readonly sent: Exclude<Sent, { tag: 'sent' }>
  readonly alarm: boolean
}

/** Decides by `error.code`, as the provider asks, and by the HTTP status only where it has none. */
export function judgeSendError(error: SendError): SendVerdict {
  const rule = ruleOf(error)
  const { code, httpStatus, retryAfterMs } = error
  const why = `${code === null ? `http ${httpStatus}` : `code ${code}`}: ${rule.why}`
  if (rule.act === 'refuse') {
    const named = code === null ? {} : { code: String(code) }
    return { sent: { tag: 'refused', ...named, why }, alarm: false }
  }
  if (rule.act === 'drop') return { sent: { tag: 'dropped', why }, alarm: false }
  const afterMs = retryAfterMs ?? rule.afterMs ?? 0
  return { sent: { tag: 'later', afterMs, why }, alarm: rule.act === 'alarm' }
}

interface Rule {
  /** `refuse`: kept for an operator. `drop`: nobody should send it again as it is. */
  readonly act: 'later' | 'refuse' | 'drop' | 'alarm'
  readonly why: string
  /** Pause in ms; without one the outbox chooses. */
  readonly afterMs?: number
}

function ruleOf({ code, subcode, httpStatus, isTransient }: SendError): Rule {
  if (code === null) return ruleOfStatus(httpStatus)
  // The number id is wrong or the token may not use it: no fault of the reply.
  if (code === 100 && subcode === 33) return { act: 'alarm', why: 'unknown phone number id' }
  const rule = RULES.get(code)
  if (rule !== undefined) return rule
  if (code >= 200 && code <= 299) return { act: 'alarm', why: 'permission missing' }
  if (code >= 132_000 && code <= 132_999) return { act: 'refuse', why: 'template not usable' }
  if (isTransient || httpStatus >= 500 || httpStatus === 429 || httpStatus === 408)
    return { act: 'later', why: 'for a time' }
  if (httpStatus === 401 || httpStatus === 403) return { act: 'alarm', why: 'not allowed' }
  return { act: 'refuse', why: 'not accepted' }
}

function ruleOfStatus(httpStatus: number): Rule {
  if (httpStatus === 401 || httpStatus === 403) return { act: 'alarm', why: 'not allowed' }
  if (httpStatus >= 300 && httpStatus < 400) return { act: 'alarm', why: 'redirect not followed' }
  return { act: 'later', why: 'no readable answer' }
}

/** Every code with an action of its own; `docs/whatsapp.md` shows the same table. */
export const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [0, { act: 'alarm', why: 'access token refused' }],
  [1, { act: 'later', why: 'unknown fault of the service' }],
  [2, { act: 'later', why: 'service down' }],
  [3, { act: 'alarm', why: 'capability missing' }],
  [4, { act: 'later', why: 'calls of the app limited', afterMs: 10_000 }],
  [10, { act: 'alarm', why: 'permission missing' }],
  [17, { act: 'later', why: 'calls of the user limited', afterMs: 10_000 }],
  [32, { act: 'later', why: 'calls of the page limited', afterMs: 10_000 }],
  [33, { act: 'alarm', why: 'unknown phone number id' }],
  [100, { act: 'refuse', why: 'invalid parameter' }],
  [190, { act: 'alarm', why: 'access token expired or revoked' }],
  [368, { act: 'alarm', why: 'account blocked for a policy' }],
  [613, { act: 'later', why: 'calls limited', afterMs: 10_000 }],
  [80_007, { act: 'later', why: 'account rate limit', afterMs: 10_000 }],
  [130_429, { act: 'later', why: 'throughput limit', afterMs: 1_000 }],
  [130_472, { act: 'refuse', why: 'member is part of an experiment' }],
  [130_497, { act: 'refuse', why: 'country not allowed' }],
  [131_000, { act: 'later', why: 'unknown fault of the service' }],
  [131_005, { act: 'alarm', why: 'permission missing' }],
  [131_008, { act: 'refuse', why: 'parameter missing' }],
  [131_009, { act: 'refuse', why: 'invalid parameter value' }],
  [131_016, { act: 'later', why: 'service overloaded' }],
  [131_021, { act: 'refuse', why: 'recipient is the sender' }],
  [131_026, { act: 'refuse', why: 'undeliverable' }],
  [131_030, { act: 'refuse', why: 'recipient not allowed for a test number' }],
  [131_031, { act: 'alarm', why: 'account locked' }],
  [131_042, { act: 'alarm', why: 'payment problem of the account' }],
  [131_045, { act: 'alarm', why: 'phone number not registered' }],
  [131_047, { act: 'drop', why: 'over 24 h since the member wrote' }],
  [131_048, { act: 'later', why: 'limited as spam', afterMs: 60_000 }],
  [131_049, { act: 'refuse', why: 'held back by the provider' }],
  [131_050, { act: 'drop', why: 'member stopped marketing messages' }],
  [131_051, { act: 'refuse', why: 'message type not supported' }],
  [131_052, { act: 'refuse', why: 'media cannot be fetched' }],
  [131_053, { act: 'refuse', why: 'media cannot be fetched' }],
  [131_056, { act: 'later', why: 'too many to this member', afterMs: 6_000 }],
  [131_057, { act: 'later', why: 'account in maintenance', afterMs: 60_000 }],
  [131_062, { act: 'refuse', why: 'not sendable to a user id' }],
  [133_004, { act: 'later', why: 'service down' }],
  [133_010, { act: 'alarm', why: 'phone number not registered' }]
])
