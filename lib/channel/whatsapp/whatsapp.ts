import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { whatWentWrong } from '../../kernel/thrown.ts'
import type { Channel, ChannelHost, Pacing } from '../channel.ts'
import { MountedLog } from '../mounted-log.ts'
import { HeldBytes, readNodeBody, readWebBody } from './raw-body.ts'
import { sendMessage } from './send-message.ts'
import { unfit } from './unfit.ts'
import { type Answer, answerWebhook } from './webhook.ts'

/** What the channel needs to know of the number and of the app it belongs to. */
export interface WhatsAppSettings {
  /** Secret of the app, which signs its posts; two while it is being replaced. */
  readonly appSecret: string | readonly string[]
  /** Word that the provider shows once to verify the address; without one, none is verified. */
  readonly verifyToken?: string
  readonly accessToken: string
  readonly phoneNumberId: string
  /** Default `https://graph.facebook.com/v22.0`; posts go to `<it>/<phone number id>/messages`. */
  readonly apiUrl?: string
  /** Default: a send each 14 ms (8 at once), to one member 45 at once and then one each 6 s. */
  readonly pacing?: Pacing
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  /** Default: the log of the runtime it is mounted on. */
  readonly log?: Log
}

/** One handler for GET and POST of the webhook, for any server. */
export interface WebhookDoor {
  /** For Express, plain `http` and whatever hands on Node's request and response. */
  readonly node: (req: IncomingMessage, res: ServerResponse) => void
  /** For servers that speak in web `Request` and `Response`. */
  readonly fetch: (request: Request) => Promise<Response>
}

/** Within the 80 messages a second of a number, and the rate the provider allows for a member. */
const PACING: Pacing = {
  number: { everyMs: 14, burst: 8 },
  member: { everyMs: 6_000, burst: 45 }
}

/** Longest a send may take, in ms. */
const SEND_TIMEOUT_MS = 10_000

/**
 * WhatsApp through the Cloud API: a signed webhook in, posts to the Graph API out.
 *
 * It reads the raw body itself, so mount it before any body parser. A message is acknowledged only
 * when its turn is committed (or kept for later); a post of which any message was shed is answered
 * 503, and the provider sends it again.
 *
 * Fails with `CHP_SETTING_INVALID` when a secret, token or id is empty, or `apiUrl` is no address.
 *
 * @example
 * const wa = runtime.mount(whatsapp({ appSecret, verifyToken, accessToken, phoneNumberId }))
 * app.all('/webhooks/whatsapp', wa.node)
 */
export function whatsapp(settings: WhatsAppSettings): Channel<WebhookDoor> {
  const { accessToken, phoneNumberId, clock = systemClock } = settings
  const log = new MountedLog(settings.log)
  const appSecrets = secretsOf(settings)
  const sending = {
    url: messagesUrl(settings),
    accessToken: filled('accessToken', accessToken),
    fetch: settings.fetch ?? fetch,
    clock,
    log
  }
  const verifyToken =
    settings.verifyToken === undefined ? null : filled('verifyToken', settings.verifyToken)
  return {
    name: 'whatsapp',
    unfit,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    pacing: settings.pacing ?? PACING,
    send: (outgoing, signal) => sendMessage(sending, outgoing, signal),
    mount: host => {
      log.mounted(host)
      return door({ appSecrets, verifyToken, phoneNumberId, host, clock, log })
    }
  }
}

interface DoorParts {
  readonly appSecrets: readonly string[]
  readonly verifyToken: string | null
  readonly phoneNumberId: string
  readonly host: ChannelHost
  readonly clock: Clock
  readonly log: Log
}

function door(parts: DoorParts): WebhookDoor {
  const bodies = { clock: parts.clock, log: parts.log, held: new HeldBytes() }
  const counted = (method: string | undefined, answer: Answer): Answer => {
    if (method === 'POST' && answer !== null) parts.host.answered?.('whatsapp', answer.status)
    return answer
  }
  const answerNode = async (req: IncomingMessage): Promise<Answer> => {
    const signature = req.headers['x-hub-signature-256']
    return answerWebhook(parts, {
      method: req.method ?? '',
      url: req.url ?? '',
      signature: Array.isArray(signature) ? signature.join() : signature,
      body: () => readNodeBody(req, bodies)
    })
  }
  return {
    node: (req, res) => {
      answerNode(req).then(
        answer => respond(res, counted(req.method, answer)),
        (error: unknown) => {
          parts.log.error({ event: 'whatsapp.failed', why: whatWentWrong(error) })
          respond(res, counted(req.method, failed))
        }
      )
    },
    fetch: async request => {
      const answer = await answerWebhook(parts, {
        method: request.method,
        url: request.url,
        signature: request.headers.get('x-hub-signature-256') ?? undefined,
        body: () => readWebBody(request, bodies)
      })
      const { status, headers, body } = counted(request.method, answer) ?? failed
      return new Response(body, { status, headers })
    }
  }
}

const failed = { status: 500, headers: { 'content-type': 'text/plain' }, body: 'failed' } as const

function respond(res: ServerResponse, answer: Answer): void {
  if (answer === null || res.headersSent || res.destroyed) return
  res.writeHead(answer.status, { ...answer.headers, 'content-length': lengthOf(answer.body) })
  res.end(answer.body)
}

function lengthOf(body: string): number {
  return Buffer.byteLength(body)
}

function secretsOf({ appSecret }: WhatsAppSettings): readonly string[] {
  const secrets = typeof appSecret === 'string' ? [appSecret] : appSecret
  if (secrets.length < 1 || secrets.length > 2)
    fail('CHP_SETTING_INVALID', 'appSecret takes one secret, or two while it is being replaced.')
  // An empty secret would make every signature easy to forge.
  return secrets.map(secret => filled('appSecret', secret))
}

function messagesUrl({
  apiUrl = 'https://graph.facebook.com/v22.0',
  phoneNumberId
}: WhatsAppSettings) {
  if (!URL.canParse(apiUrl) || !/^https?:/.test(apiUrl))
    fail('CHP_SETTING_INVALID', 'apiUrl must be an http or https address.')
  const number = encodeURIComponent(filled('phoneNumberId', phoneNumberId))
  return `${apiUrl.replace(/\/+$/, '')}/${number}/messages`
}

function filled(name: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    fail('CHP_SETTING_INVALID', `${name} must not be empty.`)
  return value
}
