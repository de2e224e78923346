import type { Millis } from '../../kernel/clock.ts'

/** When a store counts as away. */
export const BREAKER = {
  /** Outcomes that are looked back on; half of them failed is too many. */
  calls: 20,
  failures: 10,
  /** Longest without an answer, in ms, while something is asked. */
  silenceMs: 1_000,
  /** A failure is forgotten when the next one comes this much later, in ms. */
  memoryMs: 10_000
} as const

type State = 'closed' | 'open' | 'trial'

const RECENT = 2 ** BREAKER.calls - 1

/**
 * Says whether a store, or a part of one, may be asked.
 *
 * Closed it lets all calls through; open none. On trial it has answered again and is asked a little
 * at first: the next failure opens it anew. It keeps no time and sets no timer itself.
 */
export class Breaker {
  #state: State = 'closed'
  /** One bit an outcome, the newest last; 1 is a failure. */
  #recent = 0
  #failedMs = Number.NEGATIVE_INFINITY
  /** Start of the first call that failed since the last answer. */
  #failingMs: Millis | null = null
  /** Start of the newest call that was answered. */
  #aliveMs = Number.NEGATIVE_INFINITY
  #trialMs = 0

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** A call that began then was answered, whatever the answer. */
  answered(startedMs: Millis): void {
    if (startedMs > this.#aliveMs) this.#aliveMs = startedMs
    this.#failingMs = null
    this.#recent = (this.#recent << 1) & RECENT
  }

  /** A call that began then was refused or has an unknown outcome; true when that opens it. */
  failed(startedMs: Millis, nowMs: Millis): boolean {
    if (this.#state === 'open') return false
    // What was asked before the trial says nothing about it.
    if (this.#state === 'trial') return startedMs >= this.#trialMs && this.#open()
    if (nowMs - this.#failedMs > BREAKER.memoryMs) this.#recent = 0
    this.#failedMs = nowMs
    this.#recent = ((this.#recent << 1) | 1) & RECENT
    this.#failingMs ??= startedMs
    return (this.#isSilent(this.#failingMs, nowMs) || this.#isFailing()) && this.#open()
  }

  /** Nothing will be answered before a person has done something; true when that opens it. */
  denied(): boolean {
    return this.#state !== 'open' && this.#open()
  }

  /** A call that began then has no answer yet; true when that opens it. */
  waits(startedMs: Millis, nowMs: Millis): boolean {
    if (this.#state === 'open') return false
    if (this.#state === 'trial' && startedMs < this.#trialMs) return false
    return this.#isSilent(startedMs, nowMs) && this.#open()
  }

  /** The store has answered a probe. */
  tried(nowMs: Millis): void {
    this.#state = 'trial'
    this.#trialMs = nowMs
  }

  close(): void {
    this.#state = 'closed'
    this.#recent = 0
    this.#failingMs = null
  }

  #open(): true {
    this.#state = 'open'
    return true
  }

  #isSilent(sinceMs: Millis, nowMs: Millis): boolean {
    return nowMs - Math.max(sinceMs, this.#aliveMs) >= BREAKER.silenceMs
  }

  #isFailing(): boolean {
    let failures = 0
    for (let bits = this.#recent; bits !== 0; bits &= bits - 1) failures += 1
    return failures >= BREAKER.failures
  }
}
