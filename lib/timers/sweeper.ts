import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { whatWasThrown, whatWentWrong } from '../kernel/thrown.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import { type PaceLimits, pacedClaim, tookOfLate, waitMs } from './pace.ts'
import { type Claimed, Unwoken } from './unwoken.ts'

export interface SweeperParts {
  readonly store: Pick<ConversationStore, 'claimDue' | 'claimOwn' | 'time'>
  readonly clock: Clock
  readonly log: Log
  readonly instance: string
  /** Pause between sweeps in ms. */
  readonly everyMs: number
  /** How long a claim lasts in ms. */
  readonly leaseMs: number
  /** Conversations claimed by one sweep, the rest waits for the next; and the least in a second. */
  readonly limits: PaceLimits
  learnTime(storeNowMs: number, askedMs: number): void
  /** The store, or the part of it for this conversation, is known to be away: it is not asked. */
  isAway(conversation?: string): boolean
  /** Members talk just now: they come first, and sweeps keep to a pace that leaves them room. */
  isTalking(): boolean
  /** A sweep went wrong, or a conversation that it woke. */
  failed(error: unknown): void
  /**
   * Lets a conversation look at what is due; resolves when it has. Fails as `Unavailable` when the
   * store could not be used for it: then it is woken again, before all others.
   */
  wake(conversation: string): Promise<void>
}

/** Pause after a sweep that found as much as it may claim, or that had no room: there is more. */
const NEXT_PAGE_MS = 50
/** Conversations taken over at one time after a start. */
const TAKEOVER_PAGE = 32
/** Pause before it is looked again whether one more may be woken. */
const LOOK_MS = 8

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
  /** What a page is waited for with; each ends that at once. */
  readonly #waits = new Set<() => void>()
  #sweptMs = Number.NEGATIVE_INFINITY
  /** The page that is woken one after the other. */
  #inTurn: Promise<void> = Promise.resolve()
  #begunMs = Number.NEGATIVE_INFINITY
  #tookMs = 0
  readonly #unwoken: Unwoken
  #turns = 0

  constructor(parts: SweeperParts) {
    this.#parts = parts
    this.#unwoken = new Unwoken(parts.limits.page)
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
    for (const over of this.#waits) over()
  }

  async #takeOver(): Promise<void> {
    const { store, instance, limits, leaseMs } = this.#parts
    const most = Math.min(TAKEOVER_PAGE, limits.page)
    const pacedMost = Math.min(most, pacedClaim(limits, leaseMs))
    this.#takingOver = true
    for (let took = 1; took > 0 && !this.#stopped; ) {
      const room = this.#parts.isTalking() ? pacedMost : most
      const page = await this.#claimed(async () => store.claimOwn(instance, room, leaseMs))
      // The next page waits for this one: messages that come in share the store with few.
      if (this.#parts.isTalking()) await this.#wokenInTurn(page)
      else await this.#orAfter(leaseMs, this.#woken(page))
      took = page.length
    }
    this.#takingOver = false
  }

  async #sweep(): Promise<void> {
    const { store, clock, limits, leaseMs, everyMs } = this.#parts
    this.#next = null
    if (this.#parts.isAway()) {
      this.#reached = false
      this.#sweepIn(everyMs)
      return
    }
    const isPaced = this.#parts.isTalking()
    const most = isPaced ? pacedClaim(limits, leaseMs) : limits.page
    const places = Math.min(most, limits.page - this.#placesTaken())
    const room = places - Math.min(places, this.#again().length)
    // Nothing is asked while the page is full, but the store is heard of once a beat.
    if (places <= 0 && clock.monotonicMs() - this.#sweptMs < everyMs) {
      this.#sweepIn(Math.min(NEXT_PAGE_MS, everyMs))
      return
    }
    const askedMs = clock.monotonicMs()
    this.#sweptMs = askedMs
    this.#claiming = true
    const claimed = await this.#claimed(async () => {
      this.#parts.learnTime(await store.time(), askedMs)
      return room > 0 ? store.claimDue(room, leaseMs) : []
    })
    this.#claiming = false
    // The next page is claimed while this one is woken, so that a slow store costs no time of it.
    await this.#inTurn
    if (this.#stopped) return
    const again = this.#again().slice(0, Math.max(0, places - claimed.length))
    for (const { id } of again) this.#unwoken.drop(id)
    const page = [...again, ...claimed]
    if (isPaced) this.#inTurn = this.#wokenInTurn(page)
    else void this.#woken(page)
    const isMore = room <= 0 || (claimed.length > 0 && claimed.length === room)
    const soonMs = isPaced && room > 0 ? 0 : NEXT_PAGE_MS
    this.#sweepIn(isMore ? Math.min(soonMs, everyMs) : everyMs)
  }

  #sweepIn(pauseMs: number): void {
    if (this.#stopped) return
    this.#next = this.#parts.clock.after(pauseMs, () => void this.#sweep())
  }

  /** Those that could not be woken in their turn, and can now. */
  #again(): readonly Claimed[] {
    return this.#unwoken.ready(this.#parts.clock.monotonicMs(), id => this.#parts.isAway(id))
  }

  /**
   * Wakes one after the other at the pace that others leave, all at once where they leave any; what
   * took longer than a lease, too: left to be claimed again, it would lose its turn.
   */
  async #wokenInTurn(page: readonly Claimed[]): Promise<void> {
    const { clock } = this.#parts
    for (const [at, claimed] of page.entries()) {
      for (let ms = this.#waitMs(); ms > 0 && !this.#stopped; ms = this.#waitMs()) {
        await this.#orAfter(Math.min(ms, LOOK_MS))
      }
      const nowMs = clock.monotonicMs()
      if (this.#stopped) return
      if (this.#parts.isAway()) {
        for (const left of page.slice(at)) this.#unwoken.keep(left, nowMs)
        return
      }
      this.#begunMs = nowMs
      void this.#wake(claimed).then(() => {
        this.#tookMs = tookOfLate(this.#tookMs, clock.monotonicMs() - nowMs)
      })
    }
  }

  #waitMs(): Millis {
    const { clock, limits } = this.#parts
    const beside = {
      isTalking: this.#parts.isTalking(),
      waking: this.#placesTaken(),
      sinceMs: clock.monotonicMs() - this.#begunMs,
      tookMs: this.#tookMs
    }
    return waitMs(beside, limits)
  }

  /** What was claimed; nothing when that failed, or came too late. */
  async #claimed(claim: () => Promise<readonly string[]>): Promise<readonly Claimed[]> {
    try {
      const ids = await claim()
      this.#reached = true
      return this.#stopped ? [] : ids.map(id => ({ id, turn: this.#turns++ }))
    } catch (error) {
      this.#reached = false
      // What was claimed comes back, at the latest when its lease ends; what was not is still due.
      const level = this.#parts.isAway() ? 'debug' : 'warn'
      const fields = { event: 'sweep.failed', why: whatWentWrong(error) }
      this.#parts.log[level](fields, 'the next sweep repeats it')
      this.#parts.failed(error)
      return []
    }
  }

  async #woken(page: readonly Claimed[]): Promise<void> {
    await Promise.all(page.map(claimed => this.#wake(claimed)))
  }

  /** Resolves when the time is over, with that before it, or with the stop. */
  #orAfter(ms: Millis, ended?: Promise<void>): Promise<void> {
    return new Promise(resolve => {
      const over = (): void => {
        cancel()
        this.#waits.delete(over)
        resolve()
      }
      const cancel = this.#parts.clock.after(ms, over)
      this.#waits.add(over)
      void ended?.then(over)
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

  async #wake(claimed: Claimed): Promise<void> {
    const { id } = claimed
    const { clock, everyMs } = this.#parts
    this.#unwoken.drop(id)
    if (!this.#waking.has(id)) this.#waking.set(id, clock.monotonicMs())
    try {
      await this.#parts.wake(id)
    } catch (error) {
      if (failureOf(error)?.tag === 'Unavailable') {
        this.#unwoken.keep(claimed, clock.monotonicMs() + everyMs)
        return
      }
      const fields = { event: 'wake.failed', conversation: id, why: whatWasThrown(error) }
      this.#parts.log.error(fields, 'woken again when its lease ends')
      this.#parts.failed(error)
    } finally {
      this.#waking.delete(id)
    }
  }
}
