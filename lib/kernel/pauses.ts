import type { Clock, Millis } from './clock.ts'

/** Pauses under way, which may be cut short: all of them, or those that have lasted longest. */
export class Pauses {
  readonly #clock: Clock
  /** The one that has lasted longest first. */
  readonly #ends = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after `forMs`, or when it is cut short. */
  pause(forMs: Millis): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#clock.after(forMs, () => end())
      const end = (): void => {
        cancel()
        this.#ends.delete(end)
        resolve()
      }
      this.#ends.add(end)
    })
  }

  /** Cuts short those that have lasted longest; default all. */
  end(most = Number.POSITIVE_INFINITY): void {
    for (const end of [...this.#ends].slice(0, most)) end()
  }
}
