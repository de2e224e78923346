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

  constructor(clock: Clock) {
    this.#clock = clock
    this.#storeMs = clock.nowMs()
    this.#readAtMs = clock.monotonicMs()
  }

  learn(storeNowMs: number): void {
    this.#storeMs = storeNowMs
    this.#readAtMs = this.#clock.monotonicMs()
  }

  nowMs(): number {
    return Math.floor(this.#storeMs + (this.#clock.monotonicMs() - this.#readAtMs))
  }
}
