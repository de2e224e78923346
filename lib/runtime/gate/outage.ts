import type { Cancel, Clock, Millis } from '../../kernel/clock.ts'
import { ChaperoneError, type FailureCode, failure, failureOf } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import type { Random } from '../../kernel/random.ts'
import type { Notices } from '../alarms.ts'
import { Breaker } from './breaker.ts'

/** What one outage is watched with. */
export interface OutageParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly alarms: Notices
  /** Name of the part of the store; null for the whole. */
  readonly part: string | null
  /** Asks whether the store is back, with the id of a conversation that could not be served. */
  readonly probe: (outage: Outage, id: string | null) => Promise<unknown>
  readonly back: () => void
}

interface Waiter {
  readonly deadlineMs: Millis
  go(): void
  giveUp(error: ChaperoneError): void
}

/** Pauses between two looks at a store that is away, in ms; jittered, so that processes spread. */
const LOOK_MS = { least: 100, most: 300 } as const
/** The same for a store that denies its service: what mends it takes a person, and so longer. */
const LOOK_DENIED_MS = { least: 500, most: 1_000 } as const
const DENIED = 'CHP_STORE_DENIED' satisfies FailureCode
/** How long an outage lasts before a person is told, in ms. */
const ALARM_AFTER_MS = 10_000

/** The times in which a store, or a part of it, does not answer, and who waits for their end. */
export class Outage {
  readonly breaker = new Breaker()
  /** Work that was not taken since it is away. */
  turnedAway = 0
  readonly #parts: OutageParts
  #waiters: Waiter[] = []
  /** Those on their way while on trial, and how many may be. */
  #passing = 0
  #window = 1
  #isProbing = false
  #isStopped = false
  #look: Cancel | null = null
  #openedMs = 0
  #waited = 0
  #alarmed = false
  #id: string | null = null
  #why: ChaperoneError | null = null

  constructor(parts: OutageParts) {
    this.#parts = parts
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** The failure that means: away. */
  why(): ChaperoneError {
    return this.#why ?? NOT_ASKED
  }

  failed(id: string | null, startedMs: Millis, error: ChaperoneError): void {
    const isDenied = error.failure.code === DENIED
    const { breaker } = this
    const opens = isDenied
      ? breaker.denied()
      : breaker.failed(startedMs, this.#parts.clock.monotonicMs())
    if (opens) this.#opened(id, error)
    if (isDenied) this.#alarm()
  }

  waits(id: string | null, startedMs: Millis, nowMs: Millis): void {
    if (this.breaker.waits(startedMs, nowMs)) this.#opened(id, SILENT)
  }

  /** Resolves when it is one's turn to ask the store; rejects when the deadline comes before. */
  passage(deadlineMs: Millis): Promise<void> {
    if (this.#isStopped) return Promise.reject(this.why())
    return new Promise((resolve, reject) => {
      this.#waited += 1
      this.#waiters.push({ deadlineMs, go: resolve, giveUp: reject })
      this.#release()
    })
  }

  /** Who passed has an answer, or none. */
  passed(isAnswered: boolean): void {
    if (this.#passing > 0) this.#passing -= 1
    if (this.breaker.isOpen) return
    // Doubles with every round of answers.
    this.#window += 1
    this.#release()
    if (isAnswered && this.#waiters.length === 0) this.#close()
  }

  stop(): void {
    this.#isStopped = true
    this.#look?.()
    for (const waiter of this.#waiters.splice(0)) waiter.giveUp(this.why())
  }

  #opened(id: string | null, error: ChaperoneError): void {
    this.#id = id ?? this.#id
    this.#why = error
    this.#passing = 0
    if (this.#look === null) this.#begun(error)
    this.#lookLater()
  }

  #begun({ failure: { code, detail } }: ChaperoneError): void {
    const { clock, log, part } = this.#parts
    this.#openedMs = clock.monotonicMs()
    this.turnedAway = 0
    this.#waited = 0
    this.#alarmed = false
    log.warn({ event: 'store.away', part, code, detail }, 'turns wait, new work is turned away')
  }

  #lookLater(): void {
    const { clock, random } = this.#parts
    this.#look?.()
    const { least, most } = this.why().failure.code === DENIED ? LOOK_DENIED_MS : LOOK_MS
    const pauseMs = least + random.fraction() * (most - least)
    this.#look = clock.after(pauseMs, () => this.#lookNow())
  }

  #lookNow(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    this.#giveUpLate(nowMs)
    if (nowMs - this.#openedMs >= ALARM_AFTER_MS) this.#alarm()
    const isAsked = !this.breaker.isOpen && this.#passing > 0
    if (!isAsked && !this.#isProbing) void this.#probe()
    this.#lookLater()
  }

  async #probe(): Promise<void> {
    this.#isProbing = true
    try {
      await this.#parts.probe(this, this.#id)
      this.#tried()
    } catch (error) {
      // The trouble of one conversation, which is told as such: the store has answered.
      if (failureOf(error)?.tag !== 'Unavailable') this.#tried()
      else if (error instanceof ChaperoneError) this.#why = error
    } finally {
      this.#isProbing = false
    }
  }

  #tried(): void {
    this.breaker.tried(this.#parts.clock.monotonicMs())
    this.#window = 1
    this.#release()
    // The probe is the only answer where nobody else asks.
    if (this.#passing === 0) this.#close()
  }

  #release(): void {
    if (this.breaker.isOpen) return
    while (this.#waiters.length > 0 && this.#passing < this.#window) {
      this.#passing += 1
      this.#waiters.shift()!.go()
    }
  }

  #close(): void {
    if (this.breaker.isClosed) return
    this.breaker.close()
    this.#look?.()
    this.#look = null
    const { clock, log, part, back } = this.#parts
    const awayMs = Math.round(clock.monotonicMs() - this.#openedMs)
    const counts = { awayMs, turnedAway: this.turnedAway, waited: this.#waited }
    log.warn({ event: 'store.back', part, ...counts }, 'turns go on')
    back()
  }

  #giveUpLate(nowMs: Millis): void {
    const late = this.#waiters.filter(({ deadlineMs }) => deadlineMs <= nowMs)
    if (late.length === 0) return
    this.#waiters = this.#waiters.filter(({ deadlineMs }) => deadlineMs > nowMs)
    for (const waiter of late) waiter.giveUp(this.why())
    this.#release()
  }

  /** Tells a person, once an outage. */
  #alarm(): void {
    if (this.#alarmed) return
    this.#alarmed = true
    const { log, part, alarms } = this.#parts
    const { failure: failed } = this.why()
    const { code, detail } = failed
    log.error({ event: 'store.alarm', part, code, detail }, 'the store needs a person')
    const where = part === null ? 'store' : `store ${part}`
    alarms.notice({ failure: failed, conversation: null, where, isLasting: true })
  }
}

const NOT_ASKED = away('The store was not asked: it is away.')
const SILENT = away('The store gives no answer.')

function away(detail: string): ChaperoneError {
  return new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', detail))
}
