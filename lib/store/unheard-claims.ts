/**
 * Conversations that a claim took whose answer was lost, or came too late.
 *
 * When their lease ends they would stand behind all that was due before that: so they are handed
 * out first by the next claim. Whether they were claimed does not matter: who wakes one looks at
 * what is due in it. Hardly more than one claim takes: no other is made while they fill it.
 */
export class UnheardClaims {
  #ids: string[] = []

  /** What was claimed before comes first; what fails leaves it for the next claim. */
  async claimed(
    limit: number,
    claim: (room: number) => Promise<readonly string[]>
  ): Promise<readonly string[]> {
    const before = this.#ids.splice(0, limit)
    if (before.length === 0) return claim(limit)
    if (before.length === limit) return before
    try {
      // What was not claimed after all is due still.
      return [...new Set([...before, ...(await claim(limit - before.length))])]
    } catch (error) {
      this.#ids.unshift(...before)
      throw error
    }
  }

  keep(ids: readonly string[]): void {
    this.#ids.push(...ids)
  }
}
