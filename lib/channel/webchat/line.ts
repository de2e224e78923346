import type { RawData, WebSocket } from 'ws'
import type { Address } from '../../conversation/address.ts'
import type { Content } from '../../conversation/content.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { whatWentWrong } from '../../kernel/thrown.ts'
import type { ChannelHost } from '../channel.ts'
import { type ClientFrame, readFrame, type ServerFrame } from './frame.ts'

/** Messages of one line being taken at one time; further ones are shed. */
export const TAKING_MAX = 32
/** Frames a line may send at once, and a second over time; further messages are shed. */
export const FRAMES_BURST = 60
const FRAMES_PER_SECOND = 20
/** Bytes waiting to be written to one line; a reader as slow as that is cut off. */
const WAITING_BYTES_MAX = 1024 * 1024
const COME_AGAIN_MS = 1_000
/** Close codes of RFC 6455. */
const GOING_AWAY = 1001
const POLICY = 1008

export interface LineParts {
  readonly address: Address
  readonly host: ChannelHost
  readonly socket: WebSocket
  readonly clock: Clock
  readonly log: Log
  acknowledged(key: string): void
  closed(): void
}

type Message = Exclude<ClientFrame, { kind: 'received' }>

/** One open tab: reads its frames, hands its messages over in order, writes what it is told. */
export class Line {
  readonly #parts: LineParts
  #taking = 0
  #isAlive = true
  #allowance = FRAMES_BURST
  #allowedAtMs: number

  constructor(parts: LineParts) {
    this.#parts = parts
    this.#allowedAtMs = parts.clock.monotonicMs()
    const { socket, log } = parts
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('error', error => log.debug({ event: 'webchat.socketFailed', name: error.name }))
    socket.on('close', () => parts.closed())
  }

  say(frame: ServerFrame): void {
    this.write(JSON.stringify(frame))
  }

  write(frame: string): void {
    const { socket, log } = this.#parts
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > WAITING_BYTES_MAX) {
      log.warn({ event: 'webchat.tooSlow', bytesMax: WAITING_BYTES_MAX })
      socket.terminate()
      return
    }
    socket.send(frame)
  }

  /** Cuts a line that has not answered the last ping, and pings it again otherwise. */
  beat(): void {
    const { socket } = this.#parts
    if (!this.#isAlive) {
      socket.terminate()
      return
    }
    this.#isAlive = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }

  /** Ends the line without waiting for the page, which may be silent. */
  end(): Promise<void> {
    const { socket } = this.#parts
    if (socket.readyState === socket.CLOSED) return Promise.resolve()
    return new Promise(resolve => {
      socket.once('close', () => resolve())
      socket.close(GOING_AWAY)
      socket.terminate()
    })
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const frame = isBinary ? null : readFrame(textOf(data))
    if (frame === null) {
      this.#parts.log.warn({ event: 'webchat.malformed' })
      this.#parts.socket.close(POLICY, 'not a frame of this chat')
      return
    }
    if (frame.kind === 'received') {
      this.#parts.acknowledged(frame.key)
      return
    }
    if (this.#taking >= TAKING_MAX || !this.#isAllowed()) {
      this.say({ kind: 'shed', id: frame.id, retryAfterMs: COME_AGAIN_MS })
      return
    }
    void this.#take(frame)
  }

  /** Runs up to `host.receive` before it returns, so that messages keep their order. */
  async #take(frame: Message): Promise<void> {
    const { host, address, log } = this.#parts
    const { id } = frame
    this.#taking += 1
    try {
      const receipt = await host.receive({ address, id, content: contentOf(frame) })
      if (receipt.tag === 'shed') this.say({ kind: 'shed', id, retryAfterMs: receipt.retryAfterMs })
      else this.say({ kind: 'taken', id })
    } catch (error) {
      log.error({ event: 'webchat.receiveFailed', why: whatWentWrong(error) })
      this.say({ kind: 'shed', id, retryAfterMs: COME_AGAIN_MS })
    } finally {
      this.#taking -= 1
    }
  }

  #isAllowed(): boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    const earned = ((nowMs - this.#allowedAtMs) / 1000) * FRAMES_PER_SECOND
    this.#allowance = Math.min(FRAMES_BURST, this.#allowance + earned)
    this.#allowedAtMs = nowMs
    if (this.#allowance < 1) return false
    this.#allowance -= 1
    return true
  }
}

function contentOf(frame: Message): Content {
  return frame.kind === 'say'
    ? { kind: 'text', text: frame.text }
    : { kind: 'choice', instance: frame.instance, option: frame.option }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.from(data as Uint8Array).toString('utf8')
}
