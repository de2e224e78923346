import * as E from 'fp-ts/lib/Either.js'
import type { Clock } from '../../kernel/clock.ts'
import { ChaperoneError, failure } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { whatWentWrong } from '../../kernel/thrown.ts'
import type { ChannelHost, Heard, HeardStatus, Receipt } from '../channel.ts'
import { parseBounded } from './bounded-json.ts'
import { decodeWebhook, type HeardPost } from './decode-webhook.ts'
import { nameOfMessage } from './name-of-message.ts'
import { BODY_BYTES_MAX, type RawBody } from './raw-body.ts'
import { isSameText, isSigned } from './signature.ts'

/** Longest the provider waits for us before it is told to come again, in ms. */
export const ANSWER_WITHIN_MS = 8_000
const COME_AGAIN_MS = 1_000
/** Messages named in one line of the log; the others of a post are only counted. */
const NAMES_MOST = 10

/** One webhook request, whatever server it came through. */
export interface Ask {
  readonly method: string
  readonly url: string
  readonly signature: string | undefined
  body(): Promise<RawBody>
}

/** What to answer; null when the sender is gone. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
} | null

export interface WebhookParts {
  readonly appSecrets: readonly string[]
  readonly verifyToken: string | null
  readonly phoneNumberId: string
  readonly host: ChannelHost
  readonly clock: Clock
  readonly log: Log
}

/** Answers one webhook request. Nothing is answered 200 before every message of it has ended. */
export async function answerWebhook(parts: WebhookParts, ask: Ask): Promise<Answer> {
  switch (ask.method) {
    case 'GET':
      return verification(parts, ask.url)
    case 'POST':
      return post(parts, ask)
    default:
      return plain(405, 'only GET and POST', { allow: 'GET, POST' })
  }
}

/** The provider asks whether the address is ours: the token proves it, the challenge answers. */
function verification({ verifyToken, log }: WebhookParts, url: string): Answer {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const token = query.get('hub.verify_token')
  const challenge = query.get('hub.challenge')
  const known = verifyToken !== null && token !== null && isSameText(token, verifyToken)
  if (known && query.get('hub.mode') === 'subscribe' && challenge !== null)
    return plain(200, challenge)
  log.warn({ event: 'whatsapp.unverified', hasVerifyToken: verifyToken !== null })
  return plain(403, 'wrong verify token, mode or challenge')
}

async function post(parts: WebhookParts, ask: Ask): Promise<Answer> {
  const body = await ask.body()
  if (body.tag !== 'bytes') return refusal(parts, body)
  if (!isSigned(body.bytes, ask.signature, parts.appSecrets)) {
    parts.log.warn({ event: 'whatsapp.unsigned', hasSignature: ask.signature !== undefined })
    return plain(401, 'wrong or missing X-Hub-Signature-256')
  }
  const json = parseBounded(body.bytes)
  if (E.isLeft(json)) {
    parts.log.warn({ event: 'whatsapp.malformed', why: json.left, bytes: body.bytes.length })
    return plain(400, json.left)
  }
  return handOver(parts, decodeWebhook(json.right, parts.phoneNumberId))
}

function refusal({ log }: WebhookParts, body: Exclude<RawBody, { tag: 'bytes' }>): Answer {
  switch (body.tag) {
    case 'parsed': {
      const error = new ChaperoneError(
        failure('CHP_BODY_PARSED', 'The webhook body was read before the webhook saw it.')
      )
      log.error({ event: 'whatsapp.bodyParsed', code: error.failure.code }, error.message)
      return plain(500, error.message)
    }
    case 'tooLarge':
      log.warn({ event: 'whatsapp.tooLarge', bytesMax: BODY_BYTES_MAX })
      return plain(413, `the body is over ${BODY_BYTES_MAX} bytes`)
    case 'tooSlow':
      log.warn({ event: 'whatsapp.tooSlow' })
      return plain(408, 'the body came too slowly', { connection: 'close' })
    case 'busy':
      log.warn({ event: 'whatsapp.busy' })
      return comeAgain(COME_AGAIN_MS)
    case 'aborted':
      log.debug({ event: 'whatsapp.aborted' })
      return null
  }
}

async function handOver(parts: WebhookParts, heard: HeardPost): Promise<Answer> {
  const { log, clock } = parts
  const taken = takeAll(heard.heard, parts, clock.monotonicMs() + ANSWER_WITHIN_MS)
  const noted = Promise.all(heard.statuses.map(status => noteIn(status, parts)))
  if (heard.skipped > 0) {
    const { skipped, foreign } = heard
    log.warn({ event: 'whatsapp.skipped', malformed: skipped - foreign, foreign })
  }
  const messages = heard.heard.length
  const ended = await within(clock, ANSWER_WITHIN_MS, Promise.all([taken, noted]))
  if (ended === 'late') {
    log.warn({ event: 'whatsapp.late', messages, names: namesOf(heard.heard) })
    return comeAgain(COME_AGAIN_MS)
  }
  const shed = ended
    .flat()
    .flatMap(({ id, receipt }) => (receipt.tag === 'shed' ? [{ id, ...receipt }] : []))
  if (shed.length === 0) return plain(200, 'received')
  const reasons = [...new Set(shed.map(({ reason }) => reason))]
  const names = namesOf(shed)
  // An outage of the store is told as one by the runtime, not post by post.
  const level = reasons.every(reason => reason.startsWith('CHP_STORE_')) ? 'debug' : 'warn'
  log[level]({ event: 'whatsapp.shed', messages, shed: shed.length, reasons, names })
  return comeAgain(Math.max(...shed.map(({ retryAfterMs }) => retryAfterMs)))
}

interface Ended {
  /** Id of the message, or of the one that the status is about. */
  readonly id: string
  readonly receipt: Receipt
}

/**
 * Takes the messages of a post, and offers those that were shed again when the others have ended,
 * as long as that helps: a post that is larger than a mailbox would else never be taken whole,
 * however often it came.
 */
async function takeAll(
  messages: readonly Heard[],
  parts: WebhookParts,
  untilMs: number
): Promise<readonly Ended[]> {
  // Each message takes its place in a mailbox before the next is looked at: that is the order.
  const ended = await Promise.all(messages.map(message => takeIn(message, parts)))
  const shed = messages.filter((_, index) => ended[index]?.receipt.tag === 'shed')
  const helps = shed.length > 0 && shed.length < messages.length
  return helps && parts.clock.monotonicMs() < untilMs ? takeAll(shed, parts, untilMs) : ended
}

/** A message that the runtime could not take, for whatever reason, is asked for again. */
async function takeIn(heard: Heard, { host, log }: WebhookParts): Promise<Ended> {
  const { id } = heard
  try {
    return { id, receipt: await host.receive(heard) }
  } catch (error) {
    log.error({ event: 'whatsapp.receiveFailed', why: whatWentWrong(error) })
    return { id, receipt: { tag: 'shed', reason: 'failed', retryAfterMs: COME_AGAIN_MS } }
  }
}

/** What the runtime fails on would fail again: only a status that was shed is asked for again. */
async function noteIn(status: HeardStatus, { host, log }: WebhookParts): Promise<Ended> {
  const id = status.providerId
  try {
    return { id, receipt: await host.status(status) }
  } catch (error) {
    const why = whatWentWrong(error)
    log.warn({ event: 'whatsapp.statusFailed', why })
    return { id, receipt: { tag: 'ignored', why } }
  }
}

function namesOf(messages: readonly { readonly id: string }[]): readonly string[] {
  return messages.slice(0, NAMES_MOST).map(({ id }) => nameOfMessage(id))
}

function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve('late'))
    work.then(resolve, reject).finally(cancel)
  })
}

function comeAgain(afterMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(afterMs / 1000))
  return plain(503, 'not taken, send it again', { 'retry-after': String(seconds) })
}

function plain(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...headers
    },
    body
  }
}
