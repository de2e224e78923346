import type { Channel, Outgoing, Sent } from '../channel/channel.ts'
import type { Clock } from '../kernel/clock.ts'
import { LimitedRuns } from '../kernel/limited-runs.ts'

export interface SendsParts {
  readonly clock: Clock
  channel(name: string): Channel | undefined
}

/** Offers to channels that are under way, each within its channel's time limit. */
export class Sends {
  readonly #parts: SendsParts
  readonly #runs: LimitedRuns

  constructor(parts: SendsParts) {
    this.#parts = parts
    this.#runs = new LimitedRuns(parts.clock)
  }

  /** Those that are neither over nor at their limit. */
  get open(): number {
    return this.#runs.open
  }

  /** Settles within the channel's time limit, also when the channel does not; never rejects. */
  send(outgoing: Outgoing): Promise<Sent> {
    const channel = this.#parts.channel(outgoing.address.channel)
    if (channel === undefined) return Promise.resolve(later('channel not mounted'))
    const offer = (signal: AbortSignal): Promise<Sent> => offered(channel, outgoing, signal)
    return this.#runs.run(channel.sendTimeoutMs, offer, later('time limit'))
  }

  /** Ends all that are under way: their replies wait. */
  stop(): void {
    this.#runs.end()
  }
}

/** One offer to a channel; whatever it throws or rejects with is a reply that waits. */
async function offered(channel: Channel, outgoing: Outgoing, signal: AbortSignal): Promise<Sent> {
  try {
    return await channel.send(outgoing, signal)
  } catch (error) {
    return later(`send failed: ${error instanceof Error ? error.name : 'thrown value'}`)
  }
}

function later(why: string): Sent {
  return { tag: 'later', afterMs: 0, why }
}
