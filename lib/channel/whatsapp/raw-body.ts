import type { IncomingMessage } from 'node:http'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'

/** Largest webhook body, in bytes: what the provider documents. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024
/** Longest a body may take to arrive, in ms. */
export const BODY_WITHIN_MS = 10_000
/** How long a refused sender may go on before its connection is cut, in ms. */
const LINGER_MS = 1_000
/** Bytes of bodies held at one time over all requests; more are refused as `busy`. */
export const HELD_BYTES_MAX = 64 * 1024 * 1024

/** The untouched bytes of a request, or why there are none. */
export type RawBody =
  | { readonly tag: 'bytes'; readonly bytes: Uint8Array }
  /** Someone read the stream before us. */
  | { readonly tag: 'parsed' }
  | { readonly tag: 'tooLarge' }
  | { readonly tag: 'tooSlow' }
  /** Too many bodies are being read; this one was not. */
  | { readonly tag: 'busy' }
  /** The sender went away: nobody is left to answer. */
  | { readonly tag: 'aborted' }

/** Counts the bytes of the bodies that are being read, so that many at once stay bounded too. */
export class HeldBytes {
  #held = 0

  take(bytes: number): boolean {
    if (this.#held + bytes > HELD_BYTES_MAX) return false
    this.#held += bytes
    return true
  }

  give(bytes: number): void {
    this.#held -= bytes
  }
}

export interface BodyParts {
  readonly clock: Clock
  readonly held: HeldBytes
  readonly log: Log
}

interface Reader {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true; value: undefined }>
  cancel(): Promise<void>
}

/** What frameworks hang on a request; `rawBody` holds the untouched bytes where one keeps them. */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** Reads the untouched bytes of a Node request: `BODY_BYTES_MAX` within `BODY_WITHIN_MS`. */
export async function readNodeBody(req: NodeRequest, parts: BodyParts): Promise<RawBody> {
  const kept = keptBytes(req)
  if (kept !== null)
    return kept.length > BODY_BYTES_MAX ? { tag: 'tooLarge' } : { tag: 'bytes', bytes: kept }
  if (req.readableDidRead || req.readableEnded || isFilled(req.body)) return { tag: 'parsed' }
  const body =
    Number(req.headers['content-length'] ?? 0) > BODY_BYTES_MAX
      ? ({ tag: 'tooLarge' } as const)
      : await new Promise<RawBody>(settle => collect(req, parts, settle))
  if (body.tag !== 'bytes' && body.tag !== 'aborted') letGo(req, parts.clock)
  return body
}

/** Reads the untouched bytes of a web `Request`, with the same bounds. */
export async function readWebBody(request: Request, parts: BodyParts): Promise<RawBody> {
  if (request.bodyUsed) return { tag: 'parsed' }
  if (request.body === null) return { tag: 'bytes', bytes: new Uint8Array(0) }
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX)
    return { tag: 'tooLarge' }
  const reader = request.body.getReader()
  const gathered = new Gathered(parts.held)
  const body = await gatherWeb(reader, gathered, parts.clock)
  gathered.letGo()
  if (body.tag !== 'bytes' && body.tag !== 'aborted') void stop(reader, parts.log)
  return body
}

async function gatherWeb(reader: Reader, gathered: Gathered, clock: Clock): Promise<RawBody> {
  let cancel: Cancel = () => undefined
  const late = new Promise<'late'>(resolve => {
    cancel = clock.after(BODY_WITHIN_MS, () => resolve('late'))
  })
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late])
      if (next === 'late') return { tag: 'tooSlow' }
      if (next.done) return gathered.whole()
      const refusal = gathered.add(next.value)
      if (refusal !== null) return refusal
    }
  } catch {
    return { tag: 'aborted' }
  } finally {
    cancel()
  }
}

async function stop(reader: Reader, log: Log): Promise<void> {
  try {
    await reader.cancel()
  } catch (error) {
    log.debug({ event: 'whatsapp.cancelFailed', why: whatWasThrown(error) })
  }
}

/** Chunks of one body, counted against its own cap and that of all. */
class Gathered {
  readonly #held: HeldBytes
  #chunks: Uint8Array[] = []
  #size = 0

  constructor(held: HeldBytes) {
    this.#held = held
  }

  add(chunk: Uint8Array): RawBody | null {
    if (this.#size + chunk.length > BODY_BYTES_MAX) return { tag: 'tooLarge' }
    if (!this.#held.take(chunk.length)) return { tag: 'busy' }
    this.#size += chunk.length
    this.#chunks.push(chunk)
    return null
  }

  whole(): RawBody {
    return { tag: 'bytes', bytes: Buffer.concat(this.#chunks, this.#size) }
  }

  letGo(): void {
    this.#held.give(this.#size)
    this.#chunks = []
    this.#size = 0
  }
}

function collect(req: NodeRequest, { clock, held }: BodyParts, settle: (b: RawBody) => void): void {
  const gathered = new Gathered(held)
  const onData = (chunk: Uint8Array): void => {
    const refusal = gathered.add(chunk)
    if (refusal !== null) finish(refusal)
  }
  const onEnd = (): void => finish(gathered.whole())
  const onGone = (): void => finish({ tag: 'aborted' })
  const cancel = clock.after(BODY_WITHIN_MS, () => finish({ tag: 'tooSlow' }))
  const finish = (body: RawBody): void => {
    cancel()
    gathered.letGo()
    req.off('data', onData).off('end', onEnd).off('close', onGone)
    settle(body)
  }
  req.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
}

/**
 * A refused sender may still be sending: what comes is thrown away for a moment, so that it can
 * finish and read the answer; then its connection is cut.
 */
function letGo(req: NodeRequest, clock: Clock): void {
  let thrownAway = 0
  const cut = clock.after(LINGER_MS, () => {
    if (!req.complete) req.socket.destroy()
  })
  req.once('close', cut)
  req.on('data', (chunk: Uint8Array) => {
    thrownAway += chunk.length
    // Not reading on makes the sender wait; the timer ends it.
    if (thrownAway > BODY_BYTES_MAX) req.pause()
  })
  req.resume()
}

/** The bytes a host kept: `rawBody`, or `body` where a raw parser left bytes there. */
function keptBytes({ rawBody, body }: NodeRequest): Uint8Array | null {
  if (rawBody instanceof Uint8Array) return rawBody
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8')
  return body instanceof Uint8Array ? body : null
}

// Some parsers put `{}` there for a body that they did not read.
function isFilled(body: unknown): boolean {
  if (typeof body === 'object' && body !== null) return Object.keys(body).length > 0
  return body !== undefined && body !== null && body !== ''
}
