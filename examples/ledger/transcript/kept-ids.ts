import type { Clock } from '../../../lib/kernel/clock.ts'
import { BOUNDS } from '../../../lib/store/conversation-store.ts'

interface Kept {
  readonly atMs: number
  /** How often the id was forgotten before. */
  readonly times: number
}

interface Printed {
  readonly fingerprint: Uint8Array | null
}

/**
 * Lets a store keep the ids of messages as long as a case says. The store's own time is no setting:
 * for a shorter one, an id that is older goes into it as another; for a longer one, an id is known
 * here.
 */
export class KeptIds {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #seconds: number
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Pick<Clock, 'nowMs'>, seconds: number = BOUNDS.dedupeSeconds) {
    this.#clock = clock
    this.#seconds = seconds
  }

  /** Hands on what bears an id, and notes when it was taken. */
  async taken<A extends Printed, O extends { readonly tag: string }>(
    conversation: string,
    given: A,
    hand: (given: A) => Promise<O>
  ): Promise<O | { readonly tag: 'duplicate' }> {
    if (given.fingerprint === null || this.#seconds === BOUNDS.dedupeSeconds) return hand(given)
    const name = `${conversation} ${Buffer.from(given.fingerprint).toString('hex')}`
    const before = this.#kept.get(name)
    const ageMs = before === undefined ? 0 : this.#clock.nowMs() - before.atMs
    const isOver = ageMs > this.#seconds * 1000
    if (!isOver && ageMs > BOUNDS.dedupeSeconds * 1000) return { tag: 'duplicate' }
    const times = (before?.times ?? 0) + (isOver && this.#seconds < BOUNDS.dedupeSeconds ? 1 : 0)
    const outcome = await hand({ ...given, fingerprint: another(given.fingerprint, times) })
    if (outcome.tag === 'committed' && (before === undefined || isOver))
      this.#kept.set(name, { atMs: this.#clock.nowMs(), times })
    return outcome
  }
}

/** The fingerprint of an id that was forgotten so many times. */
function another(fingerprint: Uint8Array, times: number): Uint8Array {
  const print = Buffer.from(fingerprint)
  print.writeUInt32BE((print.readUInt32BE(0) + times) >>> 0, 0)
  return print
}
