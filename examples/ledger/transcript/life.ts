import type { Cancel, Clock } from '../../../lib/kernel/clock.ts'

/**
 * The life of one played process: when it ends, nothing it still does reaches the world, and
 * nothing of the world reaches it.
 */
export class Life {
  readonly #timers = new Set<Cancel>()
  #ended = false

  get ended(): boolean {
    return this.#ended
  }

  /** Ends it at once, as a kill does. */
  end(): void {
    this.#ended = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** Runs something outside the process; a process that died meanwhile never hears of it. */
  async outside<T>(run: () => Promise<T>): Promise<T> {
    if (this.#ended) return never()
    try {
      const result = await run()
      return this.#ended ? await never() : result
    } catch (error) {
      if (this.#ended) return never()
      throw error
    }
  }

  /** The world's clock as the process sees it: its timers die with it. */
  clock(world: Clock): Clock {
    return {
      nowMs: () => world.nowMs(),
      monotonicMs: () => world.monotonicMs(),
      after: (delayMs, run) => {
        if (this.#ended) return () => undefined
        const forget = (): void => {
          cancel()
          this.#timers.delete(forget)
        }
        const cancel = world.after(delayMs, () => {
          this.#timers.delete(forget)
          run()
        })
        this.#timers.add(forget)
        return forget
      }
    }
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}
