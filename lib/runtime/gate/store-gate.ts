import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import { failureOf } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { fullJitterMs, type Random } from '../../kernel/random.ts'
import type { ConversationStore, Deferral } from '../../store/conversation-store.ts'
import type { Notices } from '../alarms.ts'
import { BREAKER } from './breaker.ts'
import { CallDeadlines } from './call-deadlines.ts'
import { gatedStore, type Operation, type Span } from './gated-store.ts'
import { Outage } from './outage.ts'
import { StoreCall, type StoreMeter } from './store-call.ts'

/** What the gate is made of. */
export interface StoreGateParts {
  readonly store: ConversationStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly alarms: Notices
  readonly limits: Readonly<Record<Span, number>>
  /** Default: nobody counts. */
  readonly meter?: StoreMeter | null
}

/** Why new work is not taken while the store is away. */
export interface Away {
  readonly reason: string
  readonly retryAfterMs: number
}

/** A call to be made. */
interface Asked {
  readonly operation: Operation
  readonly id: string | null
  readonly withinMs: Millis
}

const BACKOFF = { initialMs: 25, maxMs: 1_000, factor: 2 }
const COME_AGAIN_MS = 1_000
/** Part of a store of many in which the rows of the processes lie, and name of nobody's row. */
const PROCESSES = 'processes'
const NOBODY = 'nobody'

/**
 * The one way from the runtime to its store.
 *
 * Every call through it settles: answered, refused, or given up as unknown; an answer that comes
 * later is not heard. While the store is away turns wait here, in order, and not each by itself;
 * one probe at a time asks whether it is back, and then they go on, a few at first. A store whose
 * parts fail apart (`partOf`) has a gate for each of them.
 */
export class StoreGate {
  /** The store, bounded and counted; its calls fail at once while it is away. */
  readonly store: ConversationStore
  readonly #parts: StoreGateParts
  readonly #deadlines: CallDeadlines
  readonly #whole: Outage
  readonly #byPart = new Map<string, Outage>()
  /** Of the rows of the processes, where parts fail apart: without them conversations go on. */
  readonly #rows: Outage
  /** Told when the store, or a part of it, is back. */
  #back: () => void = () => undefined

  constructor(parts: StoreGateParts) {
    this.#parts = parts
    this.#deadlines = new CallDeadlines(parts.clock, BREAKER.silenceMs)
    this.#whole = this.#outage(null)
    this.#rows = this.#outage(PROCESSES, () => this.#rowsAnswer())
    this.store = gatedStore(
      parts.store,
      (operation, id, span, made) =>
        this.#call(this.#of(id), { operation, id, withinMs: parts.limits[span] }, made),
      (operation, made) => {
        const withinMs = parts.limits.storeCallMs
        return this.#call(this.#ofRows(), { operation, id: null, withinMs }, made)
      }
    )
  }

  /** False while no part of the store answers. */
  get answers(): boolean {
    if (!this.#whole.breaker.isOpen) return true
    for (const { breaker } of this.#byPart.values()) if (!breaker.isOpen) return true
    return false
  }

  /** Turns that wait for the store to come back. */
  get waiting(): number {
    let waiting = this.#whole.waiting
    for (const outage of this.#byPart.values()) waiting += outage.waiting
    return waiting
  }

  onBack(back: () => void): void {
    this.#back = back
  }

  /** True while the store of this conversation is away. */
  isAway(id: string): boolean {
    return this.#of(id).breaker.isOpen
  }

  /** What somebody is told who comes while the store is away, which is counted; else null. */
  turnedAway(id: string): Away | null {
    const outage = this.#of(id)
    if (!outage.breaker.isOpen) return null
    outage.turnedAway += 1
    // Those who come again do not all come at once.
    const retryAfterMs = COME_AGAIN_MS + Math.floor(this.#parts.random.fraction() * COME_AGAIN_MS)
    return { reason: outage.why().failure.code, retryAfterMs }
  }

  /**
   * Repeats a call until its outcome is known or the deadline passes.
   *
   * An unknown outcome is repeated with the same arguments, so with the same head: the store
   * answers `committed` when the first try had landed. Fails with the last Unavailable failure.
   */
  async patiently<T>(id: string, deadlineMs: Millis, call: () => Promise<T>): Promise<T> {
    const outage = this.#of(id)
    for (let attempt = 0; ; attempt += 1) {
      const passed = !outage.breaker.isClosed
      if (passed) await outage.passage(deadlineMs)
      let isAnswered = true
      try {
        return await call()
      } catch (error) {
        isAnswered = failureOf(error)?.tag !== 'Unavailable'
        if (isAnswered) throw error
        // Behind the gate nobody waits by himself.
        if (!outage.breaker.isClosed) continue
        const { clock, random } = this.#parts
        const pauseMs = fullJitterMs(random, BACKOFF, attempt)
        if (clock.monotonicMs() + pauseMs >= deadlineMs) throw error
        await pause(clock, pauseMs)
      } finally {
        if (passed) outage.passed(isAnswered)
      }
    }
  }

  /** Settles whatever waits, as unknown; for a runtime that has stopped. */
  stop(): void {
    this.#deadlines.stop()
    this.#whole.stop()
    this.#rows.stop()
    for (const outage of this.#byPart.values()) outage.stop()
  }

  #call<T>(outage: Outage, asked: Asked, made: () => Promise<T>): Promise<T> {
    if (outage.breaker.isOpen) return Promise.reject(outage.why())
    return this.#bounded(outage, asked, made)
  }

  #bounded<T>(outage: Outage, asked: Asked, make: () => Promise<T>): Promise<T> {
    const { clock, limits, meter = null } = this.#parts
    const { operation, id, withinMs } = asked
    const isWalk = withinMs > limits.storeCallMs
    const times = { operation, startedMs: clock.monotonicMs(), withinMs, isWalk, meter }
    return new StoreCall<T>(this.#deadlines, outage, id, times).made(make)
  }

  #of(id: string | null): Outage {
    const { store } = this.#parts
    if (id === null || store.partOf === undefined) return this.#whole
    const part = store.partOf(id)
    const known = this.#byPart.get(part)
    if (known !== undefined) return known
    const outage = this.#outage(part)
    this.#byPart.set(part, outage)
    return outage
  }

  #ofRows(): Outage {
    return this.#parts.store.partOf === undefined ? this.#whole : this.#rows
  }

  async #rowsAnswer(): Promise<void> {
    await this.#parts.store.keepProcess?.(NOBODY, null, [])
  }

  #outage(part: string | null, look = (): Promise<unknown> => this.#parts.store.time()): Outage {
    const { store } = this.#parts
    const asked = { operation: 'probe', withinMs: BREAKER.silenceMs } as const
    return new Outage({
      ...this.#parts,
      part,
      back: () => this.#back(),
      probe: (outage, id) =>
        id === null
          ? this.#bounded(outage, { ...asked, id }, look)
          : this.#bounded(outage, { ...asked, id }, () => store.defer(id, NOBODYS))
    })
  }
}

/** To an epoch that no conversation has: refused by every store without a trace, as a write is. */
const NOBODYS: Deferral = {
  epoch: NOBODY,
  head: 'nobody/probe.0',
  fingerprint: null,
  row: { why: 'hold', row: '' },
  history: '{}',
  dueMs: null
}
