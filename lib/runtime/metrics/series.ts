import type { Tally } from '../../kernel/metrics.ts'

/** Series of one metric; beyond it what is new is counted as `other`. */
export const SERIES_MOST = 1_000
const OTHER = 'other'

/**
 * The series of one metric, each made when it is first counted and then kept.
 *
 * Never throws: a counter that cannot count harms no turn.
 */
export class Series {
  readonly #make: (...values: readonly string[]) => Tally
  readonly #labels: number
  readonly #onThrow: (error: unknown) => void
  readonly #made = new Map<string, Map<string, Map<string, Tally>>>()
  #count = 0

  constructor(
    make: (...values: readonly string[]) => Tally,
    labels: readonly string[],
    onThrow: (error: unknown) => void
  ) {
    this.#make = make
    this.#labels = labels.length
    this.#onThrow = onThrow
  }

  /** Adds to the series of these values; those of labels it has not are left out. */
  add(amount: number, one = '', two = '', three = ''): void {
    try {
      const tally = this.#made.get(one)?.get(two)?.get(three) ?? this.#series(one, two, three)
      tally(amount)
    } catch (error) {
      this.#onThrow(error)
    }
  }

  #series(...values: readonly string[]): Tally {
    const isFull = this.#count >= SERIES_MOST
    const [one, two, three] = values.map((value, at) =>
      at < this.#labels && isFull ? OTHER : value
    )
    return this.#known(one ?? '', two ?? '', three ?? '')
  }

  #known(one: string, two: string, three: string): Tally {
    const byTwo = this.#made.get(one) ?? new Map<string, Map<string, Tally>>()
    this.#made.set(one, byTwo)
    const byThree = byTwo.get(two) ?? new Map<string, Tally>()
    byTwo.set(two, byThree)
    const known = byThree.get(three)
    if (known !== undefined) return known
    const tally = this.#make(...[one, two, three].slice(0, this.#labels))
    byThree.set(three, tally)
    this.#count += 1
    return tally
  }
}
