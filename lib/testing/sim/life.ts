import type { Clock } from '../../kernel/clock.ts'
import type { SimulatedClock } from '../simulated-clock.ts'

/**
 * One life of a process: what it knows of time, and whether anything of it still counts.
 *
 * A process that was killed reaches nothing any more and hears of nothing; one that is paused goes
 * on later, with all that came meanwhile.
 */
export class Life {
  /** The process's own clock: its wall clock may step, its timers wait while it is paused. */
  readonly clock: Clock
  readonly #world: SimulatedClock
  readonly #late: (() => void)[] = []
  #stepMs = 0
  #isAlive = true
  #isPaused = false

  constructor(world: SimulatedClock) {
    this.#world = world
    const bornMs = world.monotonicMs()
    this.clock = {
      nowMs: () => world.nowMs() + this.#stepMs,
      monotonicMs: () => world.monotonicMs() - bornMs,
      after: (delayMs, run) => world.after(delayMs, () => this.#whenAwake(run))
    }
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  kill(): void {
    this.#isAlive = false
    this.#late.length = 0
  }

  /** The wall clock of this node is set to another time; its monotonic clock is not. */
  step(ms: number): void {
    this.#stepMs += ms
  }

  pause(ms: number): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#world.after(ms, () => {
      this.#isPaused = false
      while (this.#late.length > 0 && this.#isAlive && !this.#isPaused) this.#late.shift()!()
    })
  }

  /** Resolves when the process runs; never for one that was killed. */
  awake(): Promise<void> {
    return new Promise(resolve => {
      this.#whenAwake(resolve)
    })
  }

  #whenAwake(run: () => void): void {
    if (!this.#isAlive) return
    if (this.#isPaused) this.#late.push(run)
    else run()
  }
}

/** Never settles: what a dead process waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined)
}
