import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import type { Taken } from './recorder.ts'

/** What was seen of the entries of a case, by entry. */
export class Sightings {
  /** Messages that the channel took, in order. */
  readonly taken: Taken[] = []
  /** Names of messages that were taken while their sender never learned it. */
  readonly lost = new Set<string>()
  readonly #states = new Map<string, ConversationRecord>()
  readonly #restarts = new Map<number, number>()
  readonly #resets = new Set<number>()

  /** The state of a user's conversation after the last turn there that the entry caused. */
  stateAfter(entry: number, user: string): ConversationRecord | null {
    return this.#states.get(`${entry} ${user}`) ?? null
  }

  turned(entry: number, state: ConversationRecord): void {
    this.#states.set(`${entry} ${state.core.channel.user}`, state)
  }

  supervisionOf(entry: number): { readonly restarts: number; readonly reset: boolean } {
    return { restarts: this.#restarts.get(entry) ?? 0, reset: this.#resets.has(entry) }
  }

  restarted(entry: number): void {
    this.#restarts.set(entry, (this.#restarts.get(entry) ?? 0) + 1)
  }

  wasReset(entry: number): void {
    this.#resets.add(entry)
  }

  /** The sender of this message died before it could note that the channel took it. */
  lostIfTaken(name: string): void {
    if (this.taken.some(taken => taken.name === name)) this.lost.add(name)
  }

  takenOf(entry: number): readonly Taken[] {
    return this.taken.filter(taken => taken.entry === entry)
  }
}
