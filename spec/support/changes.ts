/** Lets a spec wait for a fact: looked at once, then again after each change. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  /** Something changed: everybody who waits looks again. */
  happened(): void {
    for (const look of this.#waiting) look()
  }

  /** Resolves with the first answer that is not undefined; fails with what was awaited. */
  until<T>(look: () => T | undefined, awaited: () => string, withinMs = 20_000): Promise<T> {
    const first = look()
    if (first !== undefined) return Promise.resolve(first)
    return new Promise((resolve, reject) => {
      const again = (): void => {
        const found = look()
        if (found !== undefined) end(() => resolve(found))
      }
      const end = (settle: () => void): void => {
        clearTimeout(limit)
        this.#waiting.delete(again)
        settle()
      }
      const limit = setTimeout(
        () => end(() => reject(new Error(`not within ${withinMs} ms: ${awaited()}`))),
        withinMs
      )
      this.#waiting.add(again)
    })
  }
}
