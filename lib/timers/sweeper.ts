import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { whatWasThrown, whatWentWrong } from '../kernel/thrown.ts'
import type { ConversationStore } from '../store/conversation-store.ts'

export interface SweeperParts {
  readonly store: Pick<ConversationStore, 'claimDue' | 'claimOwn' | 'time'>
  readonly clock: Clock
  readonly log: Log
  readonly instance: string
  /** Pause between sweeps in ms; default 1,000. */
  readonly everyMs: number
  /** How long a claim lasts in ms. */
  readonly leaseMs: number
  /** Conversations claimed by one sweep; the rest waits for the next. */
  readonly page: number
  learnTime(storeNowMs: number, askedMs: number): void
  /** The store is known to be away: it is not asked. */
  isAway(): boolean
  /** Members talk just now: they come first, and fewer are woken at one time. */
  isTalking(): boolean
  /** A sweep went wrong, or a conversation that it woke. */
  failed(error: unknown): void
  /** Lets a conversation look at what is due; resolves when it has. */
  wake(conversation: string): Promise<void>
}

/** Pause after a sweep that found as much as it may claim, or that had no room: there is more. */
const NEXT_PAGE_MS = 50
/** The part of a page that is woken at one time while members talk. */
const TALKING_SHARE = 8
/** Conversations taken over at one time after a start. */
const TAKEOVER_PAGE = 32

/**
 * Wakes conversations whose due time has come: timers, open calls, undelivered replies, inbox.
 *
 * Never early by the store's clock; a failed sweep is tried again by the next one. A conversation
 * that is slow to wake keeps its place of the page for one lease, never the sweep.
 */
export class Sweeper {
  readonly #parts: SweeperParts
  #next: Cancel | null = null
  #stopped = false
  #claiming = false
  #takingOver = false
  #reached = true
  /** Since when each wakes. */
  readonly #waking = new Map<string, Millis>()
  #enough: Cancel | null = null
  #sweptMs = Number.NEGATIVE_INFINITY

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  /** True while it claims, or takes over; what a sweep woke is on its way as events. */
  get sweeping(): boolean {
    return this.#claiming || this.#takingOver
  }

  /** True while the last sweep reached the store: what a health check wants to know. */
  get healthy(): boolean {
    return this.#reached
  }

  /**
   * Sweeps at once, then on a beat. Beside it takes over what a former process of this name left,
   * page by page: who waits for the start does not wait for that.
   */
  start(): void {
    void this.#takeOver()
    void this.#sweep()
  }

  /** Sweeps soon: the store is back. */
  hasten(): void {
    if (this.#next === null || this.#stopped) return
    this.#next()
    this.#sweepIn(NEXT_PAGE_MS)
  }

  stop(): void {
    this.#stopped = true
    this.#next?.()
    this.#enough?.()
  }

  async #takeOver(): Promise<void> {
    const { store, instance, page, leaseMs } = this.#parts
    const most = Math.min(TAKEOVER_PAGE, page)
    this.#takingOver = true
    for (let took = 1; took > 0 && !this.#stopped; ) {
      const ids = await this.#claimed(async () => store.claimOwn(instance, most, leaseMs))
      // The next page waits for this one: messages that come in share the store with few.
      if (ids.length > 0) await Promise.race([this.#woken(ids), this.#oneLease()])
      this.#enough?.()
      took = ids.length
    }
    this.#takingOver = false
  }

  async #sweep(): Promise<void> {
    const { store, page, leaseMs, everyMs } = this.#parts
    this.#next = null
    if (this.#parts.isAway()) {
      this.#reached = false
      this.#sweepIn(everyMs)
      return
    }
    const most = this.#parts.isTalking() ? Math.ceil(page / TALKING_SHARE) : page
    const room = most - this.#placesTaken()
    // Nothing is asked while the page is full, but the store is heard of once a beat.
    if (room <= 0 && this.#parts.clock.monotonicMs() - this.#sweptMs < everyMs) {
      this.#sweepIn(Math.min(NEXT_PAGE_MS, everyMs))
      return
    }
    this.#sweptMs = this.#parts.clock.monotonicMs()
    this.#claiming = true
    const ids = await this.#claimed(async () => {
      this.#parts.learnTime(await store.time(), this.#sweptMs)
      return room > 0 ? store.claimDue(room, leaseMs) : []
    })
    this.#claiming = false
    void this.#woken(ids)
    const isMore = room <= 0 || (ids.length > 0 && ids.length === room)
    this.#sweepIn(isMore ? Math.min(NEXT_PAGE_MS, everyMs) : everyMs)
  }

  #sweepIn(pauseMs: number): void {
    if (this.#stopped) return
    this.#next = this.#parts.clock.after(pauseMs, () => void this.#sweep())
  }

  /** What was claimed; nothing when that failed, or came too late. */
  async #claimed(claim: () => Promise<readonly string[]>): Promise<readonly string[]> {
    try {
      const ids = await claim()
      this.#reached = true
      return this.#stopped ? [] : ids
    } catch (error) {
      this.#reached = false
      // What was claimed comes back when its lease ends; what was not is still due.
      const level = this.#parts.isAway() ? 'debug' : 'warn'
      const fields = { event: 'sweep.failed', why: whatWentWrong(error) }
      this.#parts.log[level](fields, 'the next sweep repeats it')
      this.#parts.failed(error)
      return []
    }
  }

  async #woken(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map(id => this.#wake(id)))
  }

  #oneLease(): Promise<void> {
    const { clock, leaseMs } = this.#parts
    return new Promise(resolve => {
      this.#enough = clock.after(leaseMs, resolve)
    })
  }

  /** Who still wakes after a lease is claimed again, and holds no place that others need. */
  #placesTaken(): number {
    const { clock, leaseMs } = this.#parts
    const leasedSinceMs = clock.monotonicMs() - leaseMs
    let taken = 0
    for (const sinceMs of this.#waking.values()) if (sinceMs > leasedSinceMs) taken += 1
    return taken
  }

  async #wake(id: string): Promise<void> {
    if (!this.#waking.has(id)) this.#waking.set(id, this.#parts.clock.monotonicMs())
    try {
      await this.#parts.wake(id)
    } catch (error) {
      const fields = { event: 'wake.failed', conversation: id, why: whatWasThrown(error) }
      this.#parts.log.error(fields, 'woken again when its lease ends')
      this.#parts.failed(error)
    } finally {
      this.#waking.delete(id)
    }
  }
}
