import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { ChannelHost, Outgoing, Sent } from '../../../lib/channel/channel.ts'
import type { ServerFrame } from '../../../lib/channel/webchat/frame.ts'
import {
  type WebChat,
  type WebChatSettings,
  webchat
} from '../../../lib/channel/webchat/webchat.ts'
import type { Reply } from '../../../lib/conversation/reply.ts'
import { type Listening, listening } from '../listening.ts'

export const secret = new Uint8Array(32).fill(7)

/** A web chat on a server of its own. */
export interface ServedChat extends Listening {
  readonly channel: WebChat
  /** Offers a reply as the outbox does. */
  offer(user: string, reply: Reply, key?: string, signal?: AbortSignal): Promise<Sent>
}

export async function servedChat(
  host: ChannelHost,
  settings: WebChatSettings = {},
  hadPort = 0
): Promise<ServedChat> {
  const channel = webchat(settings)
  const door = channel.mount(host)
  const server = await listening((req, res) => door.node(req, res), hadPort)
  server.server.on('upgrade', (req, socket: Duplex, head: Buffer) =>
    door.upgrade(req, socket, head)
  )
  return {
    ...server,
    channel,
    offer: (user, reply, key = 'key', signal = new AbortController().signal) =>
      channel.send(outgoing(user, reply, key), signal),
    close: async () => {
      await channel.close()
      await server.close()
    }
  }
}

export function outgoing(user: string, reply: Reply, key: string): Outgoing {
  return { address: { channel: 'webchat', account: 'web', user }, key, reply, heardAgoMs: null }
}

/** The cookie that loading the page gives, as a browser sends it back. */
export async function cookieOf(url: string): Promise<string> {
  const response = await fetch(url)
  await response.body?.cancel()
  return (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
}

/** The page's end of a line: what it was told, and what it says. */
export interface Tab {
  readonly socket: WebSocket
  readonly told: ServerFrame[]
  /** The next frame of a kind that no earlier call took. */
  next<K extends ServerFrame['kind']>(kind: K): Promise<Extract<ServerFrame, { kind: K }>>
  say(frame: unknown): void
  /** Resolves to the close code. */
  readonly closed: Promise<number>
}

/** Opens a line; rejects with the HTTP status when it is refused. */
export async function openTab(
  { url, port }: Pick<Listening, 'url' | 'port'>,
  headers: Record<string, string | undefined>,
  options: { path?: string; autoPong?: boolean } = {}
): Promise<Tab> {
  const given = Object.entries({ origin: url, ...headers }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined
  )
  const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/socket'}`, {
    headers: Object.fromEntries(given),
    autoPong: options.autoPong ?? true
  })
  const tab = tabOf(socket)
  const refused = new Promise<never>((_, reject) => {
    socket.once('unexpected-response', (request, response) => {
      request.destroy()
      reject(new Error(String(response.statusCode)))
    })
    socket.once('error', reject)
  })
  await Promise.race([once(socket, 'open'), refused])
  await tab.next('hello')
  return tab
}

/** Opens a line as a visitor who has just loaded the page. */
export async function openAsVisitor(server: Listening): Promise<Tab> {
  return openTab(server, { cookie: await cookieOf(server.url) })
}

/** Runs what has been handed to the sockets, until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

function tabOf(socket: WebSocket): Tab {
  const told: ServerFrame[] = []
  const taken = new Set<ServerFrame>()
  let wake: () => void = () => undefined
  socket.on('message', data => {
    told.push(JSON.parse((data as Buffer).toString('utf8')) as ServerFrame)
    wake()
  })
  const next = async <K extends ServerFrame['kind']>(
    kind: K
  ): Promise<Extract<ServerFrame, { kind: K }>> => {
    for (;;) {
      const frame = told.find(frame => frame.kind === kind && !taken.has(frame))
      if (frame !== undefined) {
        taken.add(frame)
        return frame as Extract<ServerFrame, { kind: K }>
      }
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return {
    socket,
    told,
    next,
    say: frame => socket.send(JSON.stringify(frame)),
    closed: new Promise(resolve => socket.once('close', code => resolve(code)))
  }
}
