/** Real IO that is under way, and whether anything moved since one last looked. */
export class Traffic {
  #open = 0
  #moves = 0
  readonly #waiting = new Set<() => void>()

  /** How much is under way. */
  get open(): number {
    return this.#open
  }

  /** Rises with everything that happens. */
  get moves(): number {
    return this.#moves
  }

  moved(): void {
    this.#moves += 1
    for (const wake of this.#waiting) wake()
  }

  /** Counts a promise as under way until it settles. */
  async track<T>(promise: Promise<T>): Promise<T> {
    this.#open += 1
    this.moved()
    try {
      return await promise
    } finally {
      this.#open -= 1
      this.moved()
    }
  }

  /** Resolves with the next move, at the latest after `realMs` of real time. */
  next(realMs: number): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, realMs)
      this.#waiting.add(wake)
    })
  }
}
