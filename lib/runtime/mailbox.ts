/**
 * The queue of one conversation: the head leaves only after its turn has ended.
 *
 * Bound in events: what comes from outside is refused while it `isFull`, never dropped later.
 * Events of the runtime itself are few and always taken.
 */
export class Mailbox<T> {
  readonly #most: number
  readonly #queue: T[] = []

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

  /** Removes the head, only if it still is this item: an older incarnation removes nothing. */
  settle(item: T): boolean {
    if (this.#queue[0] !== item) return false
    this.#queue.shift()
    return true
  }

  /** Empties the queue, for a runtime that stops. */
  drain(): T[] {
    return this.#queue.splice(0)
  }
}
