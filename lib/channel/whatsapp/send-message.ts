import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Reply } from '../../conversation/reply.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outgoing, Sent } from '../channel.ts'
import { encodeReply } from './encode-reply.ts'
import { judgeSendError, type SendError } from './send-error.ts'

/** Largest answer of the provider that is read, in bytes; a longer one counts as cut short. */
const ANSWER_BYTES_MAX = 64 * 1024
const RETRY_AFTER_MAX_MS = 3_600_000

export interface SendParts {
  /** Where messages are posted, with the phone number id. */
  readonly url: string
  readonly accessToken: string
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly log: Log
}

/** Posts one reply; every way this can fail is a `Sent`, and none of them quotes the message. */
export async function sendMessage(
  parts: SendParts,
  { address, reply: committed, heardAgoMs }: Outgoing,
  signal: AbortSignal
): Promise<Sent> {
  const reply = sendable(committed, heardAgoMs)
  if (reply === null) return { tag: 'dropped', why: WINDOW_CLOSED }
  try {
    const response = await parts.fetch(parts.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${parts.accessToken}`,
        'content-type': 'application/json; charset=utf-8'
      },
      body: JSON.stringify(encodeReply(address.user, reply)),
      // A redirect would take the token elsewhere.
      redirect: 'manual',
      signal
    })
    return judge(parts, response, await readJson(response))
  } catch (error) {
    return { tag: 'later', afterMs: 0, why: signal.aborted ? 'timed out' : networkWhy(error) }
  }
}

const WINDOW_MS = 24 * 3_600_000
export const WINDOW_CLOSED = 'over 24 h since the member wrote, and no template to send'

/** After 24 h of silence only a template goes: the reply's own, or nothing at all. */
export function sendable(reply: Reply, heardAgoMs: number | null): Reply | null {
  if (heardAgoMs === null || heardAgoMs <= WINDOW_MS || reply.kind === 'template') return reply
  if (reply.kind !== 'text' || reply.closed === undefined) return null
  return { kind: 'template', ...reply.closed }
}

const Accepted = t.type({ messages: t.UnknownArray })
const Named = t.type({ id: t.string })
const Refused = t.type({
  error: t.intersection([
    t.type({ code: t.number }),
    t.partial({ error_subcode: t.number, is_transient: t.boolean })
  ])
})

function judge({ clock, log }: SendParts, response: Response, json: unknown): Sent {
  const first = Accepted.is(json) ? json.messages[0] : undefined
  if (response.ok && Named.is(first)) return { tag: 'sent', providerId: first.id }
  const error = errorOf(response, json, clock)
  const { sent, alarm } = judgeSendError(error)
  const fields = { event: 'whatsapp.unsent', outcome: sent.tag, why: sent.why, alarm }
  if (alarm || sent.tag !== 'later') log.warn(fields)
  else log.debug(fields)
  return alarm ? { ...sent, alarm } : sent
}

function errorOf(response: Response, json: unknown, clock: Clock): SendError {
  const refused = Refused.decode(json)
  const { code, error_subcode, is_transient } = E.isRight(refused)
    ? refused.right.error
    : { code: null }
  return {
    httpStatus: response.status,
    code,
    subcode: error_subcode ?? null,
    isTransient: is_transient ?? false,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), clock)
  }
}

/** `Retry-After` is seconds or a date. */
function retryAfterMs(header: string | null, clock: Clock): number | null {
  if (header === null) return null
  const afterMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.nowMs()
  return Number.isFinite(afterMs) ? Math.min(Math.max(0, afterMs), RETRY_AFTER_MAX_MS) : null
}

/** The answer as JSON, or undefined when it is too long, cut short or something else. */
async function readJson(response: Response): Promise<unknown> {
  const bytes = await readCapped(response)
  if (bytes === null) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'not JSON'
  }
}

async function readCapped(response: Response): Promise<Buffer | null> {
  if (response.body === null) return null
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const chunk = next.value as Uint8Array
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) {
      await reader.cancel()
      return null
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The system's word for it (`ECONNREFUSED`); the message of the error names hosts and more. */
function networkWhy(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = t.type({ code: t.string }).is(cause) ? cause.code : 'failed'
  return `network ${code}`
}
