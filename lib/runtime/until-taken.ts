import type { Receipt } from '../channel/channel.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Pauses } from '../kernel/pauses.ts'
import { isNobodys } from './turn.ts'

export interface UntilTakenParts {
  readonly clock: Clock
  readonly log: Log
  readonly limits: { readonly untakenEvents: number }
  readonly push: (conversation: string, event: TurnEvent) => Promise<Receipt>
}

const LONGEST_PAUSE_MS = 5_000
/** Events pushed at one time when the store is back; the others wait for the end of their pause. */
const AT_ONCE = 256

/**
 * Hands on what the runtime itself has learned, the result of a call or the end of a reply, again
 * and again until its conversation takes it: a store that is away, or is full, loses none of it.
 */
export class UntilTaken {
  readonly #parts: UntilTakenParts
  /** Before they are pushed again. */
  readonly #pauses: Pauses
  #open = 0
  #stopped = false

  constructor(parts: UntilTakenParts) {
    this.#parts = parts
    this.#pauses = new Pauses(parts.clock)
  }

  /** Events that were not taken at once, and are not yet. */
  get open(): number {
    return this.#open
  }

  /** Resolves when the event was taken, when nobody is left to take it, or by `stop`. */
  async push(conversation: string, event: TurnEvent): Promise<void> {
    const { push, limits, log } = this.#parts
    const first = await push(conversation, event)
    if (!isShed(first)) return
    const fields = { conversation, kind: event.kind, id: event.id, why: first.reason }
    if (this.#open >= limits.untakenEvents) {
      log.warn({ event: 'event.dropped', ...fields }, 'too many wait to be taken')
      return
    }
    log.debug({ event: 'event.untaken', ...fields }, 'pushed again until it is taken')
    this.#open += 1
    for (let receipt: Receipt = first, tries = 0; isShed(receipt) && !this.#stopped; tries += 1) {
      await this.#pauses.pause(
        Math.max(receipt.retryAfterMs, Math.min(LONGEST_PAUSE_MS, 250 * 2 ** tries))
      )
      if (!this.#stopped) receipt = await push(conversation, event)
    }
    this.#open -= 1
  }

  /** Pushes what waits now, as far as it may be at one time. */
  hasten(): void {
    this.#pauses.end(AT_ONCE)
  }

  /**
   * Pushes nothing any more: calls are made again under their keys by whoever starts next. The end
   * of a reply is lost when its acknowledgement was written before it was taken: to hold that back
   * would leave no room for the turn that takes the end.
   */
  stop(): void {
    this.#stopped = true
    this.#pauses.end()
  }
}

function isShed(receipt: Receipt): receipt is Extract<Receipt, { tag: 'shed' }> {
  return receipt.tag === 'shed' && !isNobodys(receipt)
}
