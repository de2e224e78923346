import type { Cancel, Clock, Millis } from '../../kernel/clock.ts'

/** A call that has no answer yet. */
export interface Pending {
  readonly startedMs: Millis
  /** Longest it may take. */
  readonly withinMs: Millis
  /** It has no answer for a while; told at every look. */
  waits(nowMs: Millis): void
  /** Its time is over; it is no longer watched. */
  expired(): void
  before: Pending | null
  after: Pending | null
}

/** How often calls are looked at, in ms: how much later than its limit one may be given up. */
const LOOK_EVERY_MS = 250

/**
 * Watches calls until they are answered: one timer for all of them, and none while nothing is
 * asked, because a timer a call costs more than the call.
 */
export class CallDeadlines {
  readonly #clock: Clock
  /** From this age on a call is told to wait. */
  readonly #silenceMs: Millis
  // A list in order of start: what is answered leaves it at once, from any place.
  #oldest: Pending | null = null
  #newest: Pending | null = null
  #look: Cancel | null = null
  /** Promises were settled since the last look: an answer could have been heard. */
  #couldHear = true
  /** The last look came so late that answers were let come first. */
  #stoodStill = false

  constructor(clock: Clock, silenceMs: Millis) {
    this.#clock = clock
    this.#silenceMs = silenceMs
  }

  watch(call: Pending): void {
    call.before = this.#newest
    if (this.#newest === null) this.#oldest = call
    else this.#newest.after = call
    this.#newest = call
    if (this.#look === null) this.#lookLater()
  }

  answered(call: Pending): void {
    const { before, after } = call
    if (before === null) this.#oldest = after
    else before.after = after
    if (after === null) this.#newest = before
    else after.before = before
  }

  /** Gives up all that waits. */
  stop(): void {
    this.#look?.()
    this.#look = null
    for (let call = this.#oldest; call !== null; call = this.#oldest) {
      this.answered(call)
      call.expired()
    }
  }

  #lookLater(): void {
    const dueMs = this.#clock.monotonicMs() + LOOK_EVERY_MS
    this.#look = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#look = null
      const nowMs = this.#clock.monotonicMs()
      // A process that stood still finds its answers behind this timer: they come first. One that
      // is always late has heard them since the last look.
      this.#stoodStill = !this.#stoodStill && nowMs - dueMs >= LOOK_EVERY_MS
      if (this.#couldHear && !this.#stoodStill) this.#tell(nowMs)
      this.#couldHear = false
      queueMicrotask(() => {
        this.#couldHear = true
      })
      if (this.#oldest !== null) this.#lookLater()
    })
  }

  #tell(nowMs: Millis): void {
    for (let call = this.#oldest; call !== null; call = call.after) {
      const age = nowMs - call.startedMs
      if (age < this.#silenceMs) return
      call.waits(nowMs)
      if (age < call.withinMs) continue
      this.answered(call)
      call.expired()
    }
  }
}
