import type { Millis } from '../kernel/clock.ts'

/** A conversation that was claimed. */
export interface Claimed {
  readonly id: string
  /** Rises with every one that is claimed: the order in which they were due. */
  readonly turn: number
}

interface Kept extends Claimed {
  readonly fromMs: Millis
}

/**
 * Claimed conversations that could not be woken in their turn.
 *
 * When their lease ends they stand behind all that was due before that, however many those are: so
 * who claimed them keeps them, and wakes them first. Bound in conversations; what is more is left
 * to the end of its lease.
 */
export class Unwoken {
  readonly #most: number
  readonly #kept = new Map<string, Kept>()

  constructor(most: number) {
    this.#most = most
  }

  /** Keeps one that is not to be woken before then. */
  keep({ id, turn }: Claimed, fromMs: Millis): void {
    if (this.#kept.size < this.#most) this.#kept.set(id, { id, turn, fromMs })
  }

  /** Somebody wakes it. */
  drop(id: string): void {
    this.#kept.delete(id)
  }

  /** Those that may be woken now, in the order of their turns. */
  ready(nowMs: Millis, isAway: (id: string) => boolean): readonly Claimed[] {
    if (this.#kept.size === 0) return []
    return Array.from(this.#kept.values())
      .filter(({ id, fromMs }) => fromMs <= nowMs && !isAway(id))
      .toSorted((one, other) => one.turn - other.turn)
  }
}
