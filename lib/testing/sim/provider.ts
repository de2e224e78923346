import type { Receipt } from '../../channel/channel.ts'
import type { Address } from '../../conversation/address.ts'
import type { Content } from '../../conversation/content.ts'
import type { SimulatedClock } from '../simulated-clock.ts'
import { type Screens, show } from './outside.ts'
import type { Weather } from './weather.ts'

/** What a provider works with. */
interface Mail {
  readonly clock: SimulatedClock
  readonly weather: Weather
  readonly screens: Screens
}

/** A process that webhooks may be sent to. */
export interface Door {
  /** Null when nothing answers there; without content the host tells something. */
  receive(address: Address, id: string, content: Content | null): Promise<Receipt> | null
}

/** One message of a member on its way. */
interface Sending {
  readonly address: Address
  readonly id: string
  readonly content: Content | null
  isAcknowledged: boolean
}

/** How long the provider waits for the answer to a webhook. */
const PATIENCE_MS = 6_000

/**
 * Delivers messages of members as a messaging provider does: at least once, in no order, to any of
 * the doors, again and again until one acknowledges.
 */
export class Provider {
  readonly #clock: SimulatedClock
  readonly #weather: Weather
  readonly #screens: Screens
  readonly #doors: readonly Door[]
  #waiting = 0

  constructor({ clock, weather, screens }: Mail, doors: readonly Door[]) {
    this.#clock = clock
    this.#weather = weather
    this.#screens = screens
    this.#doors = doors
  }

  /** Messages that nobody has acknowledged. */
  get waiting(): number {
    return this.#waiting
  }

  send(address: Address, id: string, content: Content | null): void {
    this.#waiting += 1
    const sending = { address, id, content, isAcknowledged: false }
    this.#try(sending, 0)
    if (!this.#weather.strikes('webhookTwice')) return
    this.#after(this.#weather.between('twice', 0, 3_000), () => this.#deliver(sending))
  }

  #try(sending: Sending, attempt: number): void {
    const pauseMs = Math.min(8_000, 500 * 2 ** attempt) + this.#weather.between('webhook', 0, 15)
    this.#after(this.#latencyMs(), () => {
      if (!this.#weather.strikes('webhookLost')) this.#deliver(sending)
    })
    this.#after(Math.max(pauseMs, attempt > 2 ? PATIENCE_MS : 0), () => {
      if (!sending.isAcknowledged) this.#try(sending, attempt + 1)
    })
  }

  #deliver(sending: Sending): void {
    const { address, id, content } = sending
    const door = this.#weather.pick('route', this.#doors)
    const receipt = door.receive(address, id, content)
    void receipt?.then(receipt => {
      if (receipt.tag === 'shed' || this.#weather.strikes('webhookLost')) return
      const replies = 'replies' in receipt ? receipt.replies : []
      for (const reply of address.channel === 'chan' ? [] : replies) {
        show(this.#screens, address, reply)
      }
      if (!sending.isAcknowledged) this.#waiting -= 1
      sending.isAcknowledged = true
    })
  }

  #latencyMs(): number {
    if (this.#weather.strikes('webhookLate')) return this.#weather.between('late', 20, 9_000)
    return this.#weather.between('webhook', 0, 15)
  }

  #after(ms: number, run: () => void): void {
    this.#clock.after(ms, run)
  }
}
