import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

const BEAT_MS = 1_000
/** Beats in a row that must be late: a process that was only suspended is late once. */
const LATE_BEATS = 3

export interface LoopLagParts {
  readonly clock: Clock
  readonly log: Log
  /** How late a beat may be, in ms. */
  readonly limits: { readonly loopLagMs: number }
}

/**
 * Watches how late the event loop is.
 *
 * While it stays late there is more to do than this process can: new messages are turned away, so
 * that those it has taken end in time.
 */
export class LoopLag {
  readonly #parts: LoopLagParts
  #late = 0
  #lagMs: Millis = 0
  #next: Cancel | null = null
  #stopped = false

  constructor(parts: LoopLagParts) {
    this.#parts = parts
  }

  /** How late the last beat was, in ms. */
  get lagMs(): Millis {
    return this.#lagMs
  }

  get isLate(): boolean {
    return this.#late >= LATE_BEATS
  }

  start(): void {
    if (this.#stopped) return
    const { clock } = this.#parts
    const dueMs = clock.monotonicMs() + BEAT_MS
    this.#next = clock.after(BEAT_MS, () => {
      this.#beat(clock.monotonicMs() - dueMs)
      this.start()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#next?.()
  }

  #beat(lagMs: Millis): void {
    const { log, limits } = this.#parts
    const wasLate = this.isLate
    this.#lagMs = Math.max(0, lagMs)
    this.#late = lagMs > limits.loopLagMs ? this.#late + 1 : 0
    if (this.isLate === wasLate) return
    const fields = { event: 'loop.late', lagMs: Math.round(lagMs) }
    if (this.isLate) log.warn(fields, 'too much to do: new messages are turned away')
    else log.info({ ...fields, event: 'loop.fine' }, 'messages are taken again')
  }
}
