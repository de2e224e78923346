import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
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

/**
 * Wakes conversations whose due time has come: timers, open calls, undelivered replies, inbox.
 *
 * Never early by the store's clock; a failed sweep is tried again by the next one.
 */
export class Sweeper {
  readonly #parts: SweeperParts
  #next: Cancel | null = null
  #stopped = false
  #sweeping: Promise<void> | null = null

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  get sweeping(): boolean {
    return this.#sweeping !== null
  }

  /** Takes over what a former process of this name left, then sweeps on a beat. */
  async start(): Promise<void> {
    const { store, instance, page, leaseMs } = this.#parts
    await this.#wakeAll(await store.claimOwn(instance, page, leaseMs))
    this.#beat()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#next?.()
    await this.#sweeping
  }

  #beat(): void {
    if (this.#stopped) return
    this.#next = this.#parts.clock.after(this.#parts.everyMs, () => {
      this.#sweeping = this.#sweep().finally(() => {
        this.#sweeping = null
        this.#beat()
      })
    })
  }

  async #sweep(): Promise<void> {
    const { store, log, page, leaseMs, learnTime } = this.#parts
    try {
      learnTime(await store.time())
      await this.#wakeAll(await store.claimDue(page, leaseMs))
    } catch (error) {
      // What was claimed comes back when its lease ends; what was not is still due.
      log.warn({ event: 'sweep.failed', err: error }, 'sweep failed, the next one repeats it')
    }
  }

  async #wakeAll(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map(id => this.#parts.wake(id)))
  }
}
