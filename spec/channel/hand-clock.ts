import type { Clock } from '../../lib/kernel/clock.ts'

/** A clock that stands still until it is told to go on. */
export class HandClock implements Clock {
  #nowMs = 1_700_000_000_000
  #waiting: { readonly dueMs: number; readonly run: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run }
    this.#waiting.push(timer)
    return () => {
      this.#waiting = this.#waiting.filter(other => other !== timer)
    }
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const [next] = this.#waiting
        .filter(({ dueMs }) => dueMs <= untilMs)
        .sort((one, other) => one.dueMs - other.dueMs)
      if (next === undefined) break
      this.#waiting = this.#waiting.filter(timer => timer !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = untilMs
  }

  /** Timers not yet run. */
  get timers(): number {
    return this.#waiting.length
  }
}
