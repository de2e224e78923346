import type { Clock, Millis } from './clock.ts'

/** Work under way outside the process, each piece within a time limit, which one stop can end. */
export class LimitedRuns {
  readonly #clock: Clock
  readonly #limits = new Set<AbortController>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What has not settled, reached its limit or been ended. */
  get open(): number {
    return this.#limits.size
  }

  /** Settles as `run` does, or with `late` at the limit or the end, whatever `run` does then. */
  run<T>(withinMs: Millis, run: (signal: AbortSignal) => Promise<T>, late: T): Promise<T> {
    const limit = new AbortController()
    this.#limits.add(limit)
    const cancel = this.#clock.after(withinMs, () => limit.abort())
    return new Promise<T>((resolve, reject) => {
      limit.signal.addEventListener('abort', () => resolve(late), { once: true })
      run(limit.signal).then(resolve, reject)
    }).finally(() => {
      cancel()
      this.#limits.delete(limit)
    })
  }

  /** Ends all that are under way. */
  end(): void {
    for (const limit of this.#limits) limit.abort()
  }
}
