/**
 * The queue of one conversation: the head leaves only after its turn has ended.
 *
 * Bound in events: what comes from outside is refused while it `isFull`, never dropped later.
 * Events of the runtime itself are few and always taken; those of an operator overtake.
 */
export class Mailbox<T> {
  readonly #most: number
  readonly #queue: T[] = []
  /** Items right behind the head that came by overtaking. */
  #ahead = 0

  constructor(most: number) {
    this.#most = most
  }

  get length(): number {
    return this.#queue.length
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#most
  }

  get head(): T | undefined {
    return this.#queue[0]
  }

  push(item: T): void {
    this.#queue.push(item)
  }

  /** Puts an item behind the head and those that overtook before it, before all others. */
  overtake(item: T): void {
    if (this.#queue.length === 0) return this.push(item)
    this.#queue.splice(1 + this.#ahead, 0, item)
    this.#ahead += 1
  }

  /** Removes the head, only if it still is this item: an older incarnation removes nothing. */
  settle(item: T): boolean {
    if (this.#queue[0] !== item) return false
    this.#queue.shift()
    if (this.#ahead > 0) this.#ahead -= 1
    return true
  }

  /** Empties the queue, for a runtime that stops. */
  drain(): T[] {
    this.#ahead = 0
    return this.#queue.splice(0)
  }
}
