import type { Clock } from '../kernel/clock.ts'

/**
 * Store time, carried on by the monotonic clock between two readings of the store.
 *
 * A node whose wall clock steps keeps the right time; after a gap it is learned again.
 */
export class StoreTime {
  readonly #clock: Clock
  #storeMs: number
  #readAtMs: number
  /** How long the store's answer may have been on its way. */
  #unsureMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#storeMs = clock.nowMs()
    this.#readAtMs = clock.monotonicMs()
  }

  /** `askedMs` is when the store was asked, on the monotonic clock. */
  learn(storeNowMs: number, askedMs: number): void {
    this.#storeMs = storeNowMs
    this.#readAtMs = this.#clock.monotonicMs()
    this.#unsureMs = this.#readAtMs - askedMs
  }

  async ask(store: { time(): Promise<number> }): Promise<void> {
    const askedMs = this.#clock.monotonicMs()
    this.learn(await store.time(), askedMs)
  }

  nowMs(): number {
    return Math.floor(this.#storeMs + (this.#clock.monotonicMs() - this.#readAtMs))
  }

  /** The latest that the store's clock can show now; `nowMs` is the earliest. */
  latestMs(): number {
    return this.nowMs() + Math.ceil(this.#unsureMs)
  }
}
