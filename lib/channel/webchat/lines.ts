import type { WebSocket } from 'ws'
import type { Address } from '../../conversation/address.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { ChannelHost, Outgoing, Sent } from '../channel.ts'
import { FRAME_VERSION, type ServerFrame } from './frame.ts'
import { Line } from './line.ts'

/** How long the page has to acknowledge a reply, in ms; then the outbox offers it again. */
export const ACKNOWLEDGED_WITHIN_MS = 8_000
/** When the outbox looks again for a visitor who is away; an arrival wakes it at once. */
export const AWAY_MS = 300_000
/** A line that answers no ping from one beat to the next is cut. */
export const BEAT_MS = 30_000
/** Tabs of one visitor at one time; more are refused. */
export const LINES_PER_VISITOR_MAX = 8

export interface LinesParts {
  readonly clock: Clock
  readonly log: Log
}

/** One who arrives: who it is, where its messages go, and the connection itself. */
export interface Arrival {
  readonly address: Address
  /** Tells the page whose line this is, without the id. */
  readonly tag: string
  readonly host: ChannelHost
  readonly socket: WebSocket
}

interface Offer {
  readonly key: string
  readonly frame: string
  settle(sent: Sent): void
}

/** Everything open for one visitor: its tabs, and the replies they were offered. */
interface Visit {
  readonly here: () => void
  readonly lines: Set<Line>
  readonly offers: Set<Offer>
}

/** The open lines of all visitors, and the replies that wait for an acknowledgement. */
export class Lines {
  readonly #parts: LinesParts
  readonly #visits = new Map<string, Visit>()
  #count = 0
  #beat: Cancel | null = null

  constructor(parts: LinesParts) {
    this.#parts = parts
  }

  /** Lines open now, over all visitors. */
  get count(): number {
    return this.#count
  }

  /** Lines open now for one visitor. */
  countOf(user: string): number {
    return this.#visits.get(user)?.lines.size ?? 0
  }

  /** Opens a line: says hello, repeats what waits for an acknowledgement, and tells the host. */
  open({ address, tag, host, socket }: Arrival): void {
    const { user } = address
    const here = (): void => host.present(address)
    const visit = this.#visits.get(user) ?? { lines: new Set(), offers: new Set(), here }
    this.#visits.set(user, visit)
    const line = new Line({
      ...this.#parts,
      address,
      host,
      socket,
      acknowledged: key => settleAll(visit, { tag: 'sent', providerId: null }, key),
      closed: () => this.#close(user, visit, line)
    })
    visit.lines.add(line)
    this.#count += 1
    this.#beat ??= this.#parts.clock.after(BEAT_MS, () => this.#onBeat())
    line.say({ kind: 'hello', version: FRAME_VERSION, visitor: tag })
    for (const offer of visit.offers) line.write(offer.frame)
    here()
  }

  /** Offers a reply to every tab of the visitor; the first acknowledgement counts for all. */
  offer({ address, key, reply }: Outgoing, signal: AbortSignal): Promise<Sent> {
    const visit = this.#visits.get(address.user)
    if (visit === undefined) return Promise.resolve(away)
    const frame: ServerFrame = { kind: 'reply', key, reply }
    return new Promise(resolve => {
      const settle = (sent: Sent): void => {
        cancel()
        signal.removeEventListener('abort', onAbort)
        visit.offers.delete(offer)
        resolve(sent)
      }
      const onAbort = (): void => settle({ tag: 'later', afterMs: 0, why: 'timed out' })
      const cancel = this.#parts.clock.after(ACKNOWLEDGED_WITHIN_MS, () =>
        settle({ tag: 'later', afterMs: 0, why: 'no acknowledgement in time' })
      )
      const offer = { key, frame: JSON.stringify(frame), settle }
      signal.addEventListener('abort', onAbort)
      visit.offers.add(offer)
      for (const line of visit.lines) line.write(offer.frame)
    })
  }

  /** Ends every line; their pages come back when there is a server again. */
  async end(): Promise<void> {
    const lines = [...this.#visits.values()].flatMap(visit => [...visit.lines])
    await Promise.all(lines.map(line => line.end()))
  }

  #close(user: string, visit: Visit, line: Line): void {
    if (!visit.lines.delete(line)) return
    this.#count -= 1
    if (this.#count === 0) {
      this.#beat?.()
      this.#beat = null
    }
    if (visit.lines.size > 0) return
    this.#visits.delete(user)
    settleAll(visit, away)
  }

  #onBeat(): void {
    this.#beat = this.#parts.clock.after(BEAT_MS, () => this.#onBeat())
    for (const { lines, here } of this.#visits.values()) {
      for (const line of lines) line.beat()
      here()
    }
  }
}

const away: Sent = { tag: 'later', afterMs: AWAY_MS, why: 'nobody is connected' }

/** Settles the offers under one key, or all of a visit. */
function settleAll(visit: Visit, sent: Sent, key?: string): void {
  for (const offer of visit.offers) if (key === undefined || offer.key === key) offer.settle(sent)
}
