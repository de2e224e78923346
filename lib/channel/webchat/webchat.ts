import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { type Random, systemRandom } from '../../kernel/random.ts'
import type { Channel, ChannelHost } from '../channel.ts'
import { MountedLog } from '../mounted-log.ts'
import { FRAME_BYTES_MAX } from './frame.ts'
import { Lines } from './lines.ts'
import { pageFiles } from './page-files.ts'
import { servePage } from './serve-page.ts'
import { unfit } from './unfit.ts'
import { type Refusal, refusalOf } from './upgrade.ts'
import { Visitors } from './visitors.ts'

/** What the web chat needs to know. */
export interface WebChatSettings {
  /**
   * Signs the visitors' cookies: at least 16 bytes, the same for every process of the bot.
   * Default: one derived from the key of the store, so the same wherever that store is served.
   */
  readonly secret?: Uint8Array
  /** Where the page lives on the server; default `/`. */
  readonly path?: string
  /** Name of the bot in the page's header; default `Chat`. */
  readonly title?: string
  /** Connections open at one time; further ones are refused with 503. Default 1,000. */
  readonly maxConnections?: number
  readonly clock?: Clock
  readonly random?: Random
  /** Default: the log of the runtime it is mounted on. */
  readonly log?: Log
}

/** What to plug into a server: its requests and its `upgrade` event. */
export interface WebChatDoor {
  /** Serves the page and its files; `next`, if given, gets what is not ours. */
  readonly node: (req: IncomingMessage, res: ServerResponse, next?: () => void) => void
  /** Takes the WebSocket of the page. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** The channel; `close` ends its lines, which would keep a server's own `close` waiting. */
export interface WebChat extends Channel<WebChatDoor> {
  close(): Promise<void>
}

/** Longest a reply may wait for its acknowledgement by the page, in ms. */
const SEND_TIMEOUT_MS = 10_000
const SECRET_BYTES_MIN = 16
const CONNECTIONS_MAX = 1_000

/**
 * A chat page in the browser, with a WebSocket to this server.
 *
 * A visitor is a signed cookie; a reply counts as sent when the page has kept it. The server must
 * see the `Host` that the browser sees, for a WebSocket of another origin is refused.
 *
 * Fails with `CHP_SETTING_INVALID` for a short secret or a path that does not begin with `/`.
 *
 * @example
 * const chat = runtime.mount(webchat({ title: 'Ledger' }))
 * const server = createServer(chat.node).on('upgrade', chat.upgrade)
 */
export function webchat(settings: WebChatSettings): WebChat {
  const { clock = systemClock, random = systemRandom } = settings
  const log = new MountedLog(settings.log)
  const secret = checkedSecret(settings)
  const lines = new Lines({ clock, log })
  const path = checkedPath(settings)
  const files = pageFiles(settings.title ?? 'Chat')
  const connectionsMax = settings.maxConnections ?? CONNECTIONS_MAX
  const gate = { isClosed: false }
  return {
    name: 'webchat',
    unfit,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    // A page that acknowledges nothing takes nobody's turn: every visitor who is here has room.
    sendsAtOnce: connectionsMax,
    send: (outgoing, signal) => lines.offer(outgoing, signal),
    mount: host => {
      log.mounted(host)
      const visitors = visitorsOf(() => secret ?? host.secret('webchat'), random)
      return {
        node: (req, res, next) => servePage({ path, files, visitors: visitors() }, req, res, next),
        upgrade: upgrader({ visitors, lines, path, connectionsMax, gate, log }, host)
      }
    },
    close: () => {
      gate.isClosed = true
      return lines.end()
    }
  }
}

/** The visitors as soon as there is a secret to sign with, which the host has once it started. */
function visitorsOf(secret: () => Uint8Array | null, random: Random): () => Visitors | null {
  let made: Visitors | null = null
  return () => {
    const signing = made === null ? secret() : null
    if (signing !== null) made = new Visitors(signing, random)
    return made
  }
}

interface UpgraderParts {
  readonly visitors: () => Visitors | null
  readonly lines: Lines
  readonly path: string
  readonly connectionsMax: number
  readonly gate: { isClosed: boolean }
  readonly log: Log
}

function upgrader(parts: UpgraderParts, host: ChannelHost): WebChatDoor['upgrade'] {
  const { lines, path, connectionsMax, gate, log } = parts
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false
  })
  return (req, socket, head) => {
    const onError = (error: Error): void =>
      log.debug({ event: 'webchat.upgradeFailed', name: error.name })
    socket.on('error', onError)
    const visitors = parts.visitors()
    const user = visitors?.idIn(req.headers.cookie) ?? null
    const isClosed = gate.isClosed || visitors === null
    const refusal = refusalOf(req, { path, user, lines, connectionsMax, isClosed })
    if (visitors === null || user === null || refusal !== null) {
      refuse(socket, refusal ?? '401 Unauthorized', log)
      return
    }
    sockets.handleUpgrade(req, socket, head, opened => {
      socket.off('error', onError)
      const address = { channel: 'webchat', account: 'web', user }
      lines.open({ address, tag: visitors.tag(user), host, socket: opened })
    })
  }
}

function refuse(socket: Duplex, refusal: Refusal, log: Log): void {
  log.debug({ event: 'webchat.refused', why: refusal })
  socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  // The one refused has no say in when its socket goes.
  socket.once('finish', () => socket.destroy())
}

function checkedSecret({ secret }: WebChatSettings): Uint8Array | null {
  if (secret === undefined) return null
  if (!(secret instanceof Uint8Array) || secret.length < SECRET_BYTES_MIN)
    fail('CHP_SETTING_INVALID', `The web chat's secret takes ${SECRET_BYTES_MIN} bytes or more.`)
  return secret
}

function checkedPath({ path = '/' }: WebChatSettings): string {
  if (!/^\/[\w\-./~]*$/.test(path) || path.includes('//'))
    fail('CHP_SETTING_INVALID', "The web chat's path takes the form `/` or `/chat`.")
  return path.endsWith('/') ? path : `${path}/`
}
