import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { type AddressInfo, isIPv6, type Socket } from 'node:net'
import * as E from 'fp-ts/lib/Either.js'
import { BODY_BYTES_MAX, type LedgerRequest } from './handler.ts'
import { protocolError } from './protocol-error.ts'
import { encodeReply, errorReply, isAnswer, type LedgerAnswer, type LedgerResult } from './reply.ts'
import { type Clock, pause } from './surroundings.ts'

export interface Address {
  /** Default 127.0.0.1: the service asks nobody who they are before a login. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
}

export interface HttpServer {
  readonly url: string
  /** Stops listening and breaks what is still open. */
  close(): Promise<void>
}

export interface HttpServerParts {
  /** Must not reject. */
  readonly handle: (request: LedgerRequest) => Promise<LedgerResult>
  readonly clock: Clock
}

/** Connections at a time; more are closed at once. */
const CONNECTIONS_MAX = 1_024

/** Puts a handler behind HTTP/1.1. Rejects when the address cannot be had. */
export async function startHttpServer(
  parts: HttpServerParts,
  { host = '127.0.0.1', port = 0 }: Address = {}
): Promise<HttpServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 })
  server.maxConnections = CONNECTIONS_MAX
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void serve(parts, request, response)
  })
  server.on('clientError', (_error: Error, socket: Socket) => {
    if (socket.writable) socket.end(rawAnswer(encodeReply(errorReply(protocolError.malformed))))
  })
  server.listen({ host, port })
  await once(server, 'listening')
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${chosen}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

async function serve(
  { handle, clock }: HttpServerParts,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const body = await readBody(request)
  if (E.isLeft(body)) return
  const { method = 'GET', url = '/', headers, socket } = request
  const result = await handle({ method, path: url, headers, body: body.right })
  if (!isAnswer(result)) {
    if (!('hang' in result)) socket.resetAndDestroy()
  } else if (result.slowHeadersMs !== undefined) {
    socket.write(statusLine(result))
    await pause(clock, result.slowHeadersMs)
    socket.end(rawRest(result))
  } else {
    response.writeHead(result.status, result.headers).end(result.body)
  }
}

/** The body, cut soon after the bound; fails when the client went away in the middle. */
async function readBody(request: IncomingMessage): Promise<E.Either<unknown, string>> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // What is over the bound is read but not kept: a client that is still sending hears no answer.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
      bytes += chunk.length
    }
    return E.right(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    return E.left(cause)
  }
}

function rawAnswer(answer: LedgerAnswer): string {
  return statusLine(answer) + rawRest(answer)
}

function statusLine({ status }: LedgerAnswer): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
}

function rawRest({ headers, body }: LedgerAnswer): string {
  const length = Buffer.byteLength(body)
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': length })
  return `${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
