import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { ConversationStore, Fitness } from '../store/conversation-store.ts'
import type { Notices } from './alarms.ts'

/** What the watch is made of. */
export interface StoreWatchParts {
  readonly store: Pick<ConversationStore, 'fitness'>
  readonly clock: Clock
  readonly log: Log
  readonly alarms: Notices
}

/** Pause between two looks, in ms: whoever changes a setting is told within twice this. */
const LOOK_EVERY_MS = 4_000

/**
 * Looks every few seconds whether the store is still as durable as it was at the start.
 *
 * What has become unfit is an alarm, once until it is mended; `ready` stays green, because nothing
 * is lost yet, and all processes going at once would be the greater harm. A store that does not
 * answer is not this watch's to tell.
 */
export class StoreWatch {
  readonly #parts: StoreWatchParts
  #next: Cancel | null = null
  #isStopped = false
  #said: ReadonlySet<string> = new Set()
  #unfit: string | null = null

  constructor(parts: StoreWatchParts) {
    this.#parts = parts
  }

  /** `opened` is what the start said already. */
  start({ warnings }: Fitness): void {
    if (this.#parts.store.fitness === undefined) return
    this.#said = new Set(warnings)
    this.#lookLater()
  }

  stop(): void {
    this.#isStopped = true
    this.#next?.()
  }

  #lookLater(): void {
    if (this.#isStopped) return
    this.#next = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    try {
      const fitness = await this.#parts.store.fitness!()
      if (!this.#isStopped) this.#fit(fitness)
    } catch (error) {
      const failed = failureOf(error)
      if (!this.#isStopped && failed?.code === 'CHP_STORE_UNFIT') this.#unfitted(failed)
    }
    this.#lookLater()
  }

  #fit({ durability, warnings }: Fitness): void {
    const { log } = this.#parts
    const news = warnings.filter(warning => !this.#said.has(warning))
    for (const warning of news) log.warn({ event: 'store.warning', durability }, warning)
    this.#said = new Set(warnings)
    if (this.#unfit === null) return
    this.#unfit = null
    log.warn({ event: 'store.fit', durability }, 'the setting of the store is mended')
  }

  #unfitted(failed: Failure): void {
    const { code, detail } = failed
    if (this.#unfit === detail) return
    this.#unfit = detail
    const { log, alarms } = this.#parts
    log.error({ event: 'store.unfit', code, detail }, 'the store could lose what it acknowledges')
    const notice = { failure: failed, conversation: null, where: 'store', why: detail }
    alarms.notice({ ...notice, isLasting: true })
  }
}
