import type { Pace } from '../channel/channel.ts'
import type { Millis } from '../kernel/clock.ts'

/** Names whose pace is remembered beyond what is still under way; then those that are even go. */
const NAMES_MOST = 10_000

/**
 * Says when one more may go under a name: one each `everyMs`, and `burst` at once after a rest.
 *
 * It remembers one time a name: when all that went would have gone at the even pace.
 */
export class Pacer {
  readonly #pace: Pace
  readonly #evenAtMs = new Map<string, Millis>()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /** How long until one more may go, in ms; 0 is now. */
  waitMs(name: string, nowMs: Millis): Millis {
    const { everyMs, burst } = this.#pace
    const evenAtMs = this.#evenAtMs.get(name) ?? nowMs
    return Math.max(0, evenAtMs - (burst - 1) * everyMs - nowMs)
  }

  /** One goes now. */
  took(name: string, nowMs: Millis): void {
    const evenAtMs = Math.max(this.#evenAtMs.get(name) ?? nowMs, nowMs) + this.#pace.everyMs
    // Moves to the end: the front is what went longest ago.
    this.#evenAtMs.delete(name)
    this.#evenAtMs.set(name, evenAtMs)
    if (this.#evenAtMs.size > NAMES_MOST) this.#forget(nowMs)
  }

  /** One that was said to go has not gone. */
  returned(name: string): void {
    const evenAtMs = this.#evenAtMs.get(name)
    if (evenAtMs !== undefined) this.#evenAtMs.set(name, evenAtMs - this.#pace.everyMs)
  }

  #forget(nowMs: Millis): void {
    for (const [name, evenAtMs] of this.#evenAtMs) {
      if (evenAtMs > nowMs) return
      this.#evenAtMs.delete(name)
    }
  }
}
