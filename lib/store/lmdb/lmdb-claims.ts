import { UnheardClaims } from '../unheard-claims.ts'
import type { Database } from './database.ts'
import { isOwnAt, leaseAt } from './lmdb-claim.ts'
import type { Desk, Shelf } from './lmdb-conversation.ts'
import { idOf, type LmdbKeys } from './lmdb-keys.ts'

interface LmdbClaimsParts {
  readonly keys: LmdbKeys
  readonly opened: () => Database
  readonly desk: (shelf: Shelf, id: string) => Desk
  readonly write: <T>(change: (shelf: Shelf) => T) => Promise<T>
  nowMs(): number
}

/** How many conversations one transaction looks at for those of a restarted process. */
const OWN_PAGE = 64

/** Claims what is due, or what a former process of this name left. */
export class LmdbClaims {
  readonly #parts: LmdbClaimsParts
  readonly #unheard = new UnheardClaims()
  #ownWalk: string[] | null = null

  constructor(parts: LmdbClaimsParts) {
    this.#parts = parts
  }

  /** Begins the walk over those of a former process anew. */
  begin(): void {
    this.#ownWalk = null
  }

  due(limit: number, leaseMs: number): Promise<readonly string[]> {
    return this.#unheard.claimed(limit, room =>
      this.#claim(shelf => {
        const keys = this.#waking(this.#parts.nowMs(), room)
        return this.#leased(shelf, keys, leaseMs)
      })
    )
  }

  async own(instance: string, limit: number, leaseMs: number): Promise<readonly string[]> {
    for (;;) {
      const own = await this.#claim(shelf => this.#ownPage(shelf, instance, limit, leaseMs))
      const isOver = this.#ownWalk === null || this.#ownWalk.length === 0
      if (own.length === 0 && isOver) this.#ownWalk = null
      if (own.length > 0 || isOver) return own
    }
  }

  /** One that is given up while it is being written may be on the disk all the same. */
  async #claim(claim: (shelf: Shelf) => readonly string[]): Promise<readonly string[]> {
    let ids: readonly string[] = []
    try {
      return await this.#parts.write(shelf => {
        ids = claim(shelf)
        return ids
      })
    } catch (error) {
      this.#unheard.keep(ids)
      throw error
    }
  }

  /** A page a transaction: who commits meanwhile does not wait for the whole walk. */
  #ownPage(shelf: Shelf, instance: string, limit: number, leaseMs: number): readonly string[] {
    const untilMs = this.#parts.nowMs() + leaseMs
    // The first to look at is the last of the list: to take from its head moves all the others.
    const walk = (this.#ownWalk ??= this.#waking(untilMs).toReversed())
    const own: string[] = []
    for (let looked = 0; looked < OWN_PAGE && own.length < limit; looked += 1) {
      const key = walk.pop()
      if (key === undefined) break
      if (isOwnAt(this.#parts.desk(shelf, idOf(key)), instance, untilMs)) own.push(key)
    }
    return this.#leased(shelf, own, leaseMs)
  }

  #leased(shelf: Shelf, dueKeys: readonly string[], leaseMs: number): readonly string[] {
    for (const key of dueKeys) leaseAt(this.#parts.desk(shelf, idOf(key)), key, leaseMs)
    return dueKeys.map(idOf)
  }

  #waking(untilMs: number, limit?: number): string[] {
    const range = this.#parts.keys.dueBefore(untilMs + 1)
    const database = this.#parts.opened()
    return Array.from(database.getKeys(limit === undefined ? range : { ...range, limit }))
  }
}
