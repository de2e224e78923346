import type { Cancel, Clock } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { whatWentWrong } from '../kernel/thrown.ts'
import type { ConversationStore, Exported, Fence } from '../store/conversation-store.ts'

export interface ReconcilerParts {
  readonly store: Pick<ConversationStore, 'list' | 'export' | 'settleDue'>
  readonly clock: Clock
  readonly log: Log
  /** Store time. */
  readonly time: { nowMs(): number }
  readonly limits: ReconcilerLimits
  /** Members are waiting, or the store is away: the walk waits, too. */
  isBusy(): boolean
}

export interface ReconcilerLimits {
  /** Conversations looked at in one second. */
  readonly reconcilePage: number
  /** Pause between walks over all conversations, in ms. */
  readonly reconcileEveryMs: number
  readonly leaseMs: number
}

const PAGE_EVERY_MS = 1_000
const FIRST_AFTER_MS = 60_000

/**
 * Walks over all conversations, slowly, and mends the index by which they are woken.
 *
 * An entry without a record goes; a record without its entry, or with one of another time, gets the
 * one of its due time: whatever is set is looked at by then. Each is logged and counted.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  #cursor: string | null = null
  #next: Cancel | null = null
  #stopped = false
  #mended = 0

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
  }

  /** Entries mended since the start. */
  get mended(): number {
    return this.#mended
  }

  start(): void {
    this.#lookIn(FIRST_AFTER_MS)
  }

  stop(): void {
    this.#stopped = true
    this.#next?.()
  }

  #lookIn(ms: number): void {
    if (!this.#stopped) this.#next = this.#parts.clock.after(ms, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { log, limits } = this.#parts
    let restMs = PAGE_EVERY_MS
    try {
      if (!this.#parts.isBusy() && (await this.#page())) restMs = limits.reconcileEveryMs
    } catch (error) {
      // The page is looked at again: the cursor has not moved.
      log.debug({ event: 'index.unread', why: whatWentWrong(error) }, 'looked at again')
    }
    this.#lookIn(restMs)
  }

  /** True when the walk has come to its end. */
  async #page(): Promise<boolean> {
    const { store, limits } = this.#parts
    const { ids, cursor } = await store.list(this.#cursor, limits.reconcilePage)
    for (const id of ids) {
      if (this.#stopped) return false
      // One that is damaged is its own trouble, and does not keep the others from being looked at.
      await this.#mend(id).catch(unlessCorrupt)
    }
    this.#cursor = cursor
    return cursor === null
  }

  async #mend(conversation: string): Promise<void> {
    const { store, log, time, limits } = this.#parts
    const found = await store.export(conversation)
    const wrong = wrongWith(found, time.nowMs() + limits.leaseMs)
    if (wrong === null) return
    const { acknowledgedThrough } = found
    const settled = await store.settleDue(
      conversation,
      wrong.fence,
      wrong.dueMs,
      acknowledgedThrough
    )
    // What was committed meanwhile has set its own entry.
    if (settled === 'conflict') return
    this.#mended += 1
    const fields = { event: 'index.mended', conversation, what: wrong.what, mended: this.#mended }
    log.warn(fields, 'an entry of the index did not agree with its record')
  }
}

function unlessCorrupt(error: unknown): void {
  if (failureOf(error)?.tag !== 'Corrupt') throw error
}

interface Wrong {
  readonly what: 'entry without a record' | 'record without its entry' | 'another due time'
  readonly fence: Fence | null
  readonly dueMs: number | null
}

/** What does not agree; a claim may have moved the entry as far as the end of its lease. */
function wrongWith(
  { fence, dueMs, wakeMs, aliasOf, listed }: Exported,
  leasedMs: number
): Wrong | null {
  if (aliasOf !== null) return null
  if (fence === null || fence.version === 0) {
    const isListed = wakeMs !== null || listed.index !== null
    return isListed ? { what: 'entry without a record', fence: null, dueMs: null } : null
  }
  if (dueMs === null && wakeMs === null) return null
  if (wakeMs === null) return { what: 'record without its entry', fence, dueMs }
  const fits = dueMs !== null && wakeMs >= dueMs && wakeMs <= Math.max(dueMs, leasedMs)
  return fits ? null : { what: 'another due time', fence, dueMs }
}
