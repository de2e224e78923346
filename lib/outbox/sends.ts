import type { Channel, Outgoing, Sent } from '../channel/channel.ts'
import type { Clock } from '../kernel/clock.ts'

export interface SendsParts {
  readonly clock: Clock
  channel(name: string): Channel | undefined
}

/** Offers to channels that are under way, each within its channel's time limit. */
export class Sends {
  readonly #parts: SendsParts
  readonly #limits = new Set<AbortController>()

  constructor(parts: SendsParts) {
    this.#parts = parts
  }

  /** Settles within the channel's time limit, also when the channel does not; never rejects. */
  send(outgoing: Outgoing): Promise<Sent> {
    const channel = this.#parts.channel(outgoing.address.channel)
    if (channel === undefined) return Promise.resolve(later('channel not mounted'))
    const limit = new AbortController()
    this.#limits.add(limit)
    return new Promise<Sent>(resolve => {
      limit.signal.addEventListener('abort', () => resolve(later('time limit')), { once: true })
      const cancel = this.#parts.clock.after(channel.sendTimeoutMs, () => limit.abort())
      void offered(channel, outgoing, limit.signal)
        .then(resolve)
        .finally(() => {
          cancel()
          this.#limits.delete(limit)
        })
    })
  }

  /** Ends all that are under way: their replies wait. */
  stop(): void {
    for (const limit of this.#limits) limit.abort()
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
