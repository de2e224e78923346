import type { Cancel, Clock } from '../kernel/clock.ts'
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
  learnTime(storeNowMs: number): void
  /** Lets a conversation look at what is due; resolves when it has. */
  wake(conversation: string): Promise<void>
}

/** Pause after a sweep that found as much as it may claim: there is more. */
const NEXT_PAGE_MS = 50

/**
 * Wakes conversations whose due time has come: timers, open calls, undelivered replies, inbox.
 *
 * Never early by the store's clock; a failed sweep is tried again by the next one. A conversation
 * that is slow to wake keeps its place of the page, never the sweep.
 */
export class Sweeper {
  readonly #parts: SweeperParts
  #next: Cancel | null = null
  #stopped = false
  #claiming = false
  #reached = true
  #waking = 0

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  /** True while it claims; what it woke is on its way as events. */
  get sweeping(): boolean {
    return this.#claiming
  }

  /** True while the last sweep reached the store: what a health check wants to know. */
  get healthy(): boolean {
    return this.#reached
  }

  /** Takes over what a former process of this name left, sweeps once, then on a beat. */
  async start(): Promise<void> {
    const { store, instance, page, leaseMs } = this.#parts
    for (let took = 1; took > 0 && !this.#stopped; ) {
      took = await this.#claim(async () => store.claimOwn(instance, page, leaseMs), true)
    }
    await this.#sweep()
  }

  stop(): void {
    this.#stopped = true
    this.#next?.()
  }

  async #sweep(): Promise<void> {
    const { store, page, leaseMs, everyMs } = this.#parts
    const room = page - this.#waking
    const took = await this.#claim(async () => {
      this.#parts.learnTime(await store.time())
      return room > 0 ? store.claimDue(room, leaseMs) : []
    }, false)
    if (this.#stopped) return
    const pauseMs = took > 0 && took === room ? Math.min(NEXT_PAGE_MS, everyMs) : everyMs
    this.#next = this.#parts.clock.after(pauseMs, () => void this.#sweep())
  }

  /** How many conversations were claimed; each is woken, and waited for when asked to. */
  async #claim(claimed: () => Promise<readonly string[]>, waits: boolean): Promise<number> {
    this.#claiming = true
    try {
      const ids = await claimed()
      this.#reached = true
      if (this.#stopped) return 0
      const woken = Promise.all(ids.map(id => this.#wake(id)))
      if (waits) await woken
      return ids.length
    } catch (error) {
      this.#reached = false
      // What was claimed comes back when its lease ends; what was not is still due.
      const why = whatWentWrong(error)
      this.#parts.log.warn({ event: 'sweep.failed', why }, 'the next sweep repeats it')
      return 0
    } finally {
      this.#claiming = false
    }
  }

  async #wake(id: string): Promise<void> {
    this.#waking += 1
    try {
      await this.#parts.wake(id)
    } catch (error) {
      const fields = { event: 'wake.failed', conversation: id, why: whatWasThrown(error) }
      this.#parts.log.error(fields, 'woken again when its lease ends')
    } finally {
      this.#waking -= 1
    }
  }
}
