import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import type { TurnEvent } from '../../../lib/conversation/turn-event.ts'
import type { Commit, Loaded } from '../../../lib/store/conversation-store.ts'

/** Names a reply by where it stands in the store; the key of a send begins with it. */
export function replyName(conversation: string, epoch: string, sequence: number): string {
  return `${conversation}.${epoch}.${sequence}`
}

const Row = t.type({ cause: t.string })

/**
 * Knows which entry of a case is to blame for what is seen now.
 *
 * Replies and requests belong to the entry at the root of their cause while that entry is played;
 * what comes later belongs to the restart that brought it about, else to the entry being played.
 */
export class Causes {
  readonly #ids: readonly string[]
  #playing: readonly number[] = [0]
  #restarted: number | null = null
  readonly #rootByKey = new Map<string, string>()

  /** `ids` are the entries of the case, in order. */
  constructor(ids: readonly string[]) {
    this.#ids = ids
  }

  /** These entries, handed in together, are played from now on. */
  play(indices: readonly number[]): void {
    this.#playing = indices
    this.#restarted = null
  }

  /** The restart among the entries being played has happened. */
  restarted(index: number): void {
    this.#restarted = index
  }

  /** The entry to which something with this root event belongs. */
  entryOf(root: string | null): number {
    const own = this.#playing.find(index => this.#ids[index] === root)
    if (own !== undefined && own > (this.#restarted ?? -1)) return own
    return this.#restarted ?? this.#playing[0] ?? 0
  }

  /** Every entry that bears this id. */
  indicesOf(id: string): readonly number[] {
    return this.#ids.flatMap((one, index) => (one === id ? [index] : []))
  }

  /** The outside event at the root of an event. */
  rootOf(state: ConversationRecord, event: TurnEvent): string {
    if (event.kind !== 'CallSettled') return event.id
    return state.calls.find(({ key }) => key === event.key)?.cause ?? event.id
  }

  /** The root of a call, by its key. */
  rootOfCall(key: string | undefined): string | null {
    return this.#rootByKey.get(key ?? '') ?? null
  }

  /** The root of a reply, by its name. */
  rootOfReply(name: string): string | null {
    return this.#rootByKey.get(name) ?? null
  }

  /** Learns the keys that a commit gives out. */
  committed(conversation: string, { epoch, replies, openCall }: Commit, firstReply: number): void {
    replies.forEach((row, index) => {
      this.#learn(replyName(conversation, epoch, firstReply + index), row)
    })
    if (openCall !== null) this.#learn(openCall.key, openCall.row)
  }

  /** Learns the keys that another process gave out. */
  loaded(conversation: string, { fence, calls, undelivered }: Loaded): void {
    for (const { sequence, row } of undelivered) {
      this.#learn(replyName(conversation, fence?.epoch ?? '', sequence), row)
    }
    for (const { key, row } of calls) this.#learn(key, row)
  }

  #learn(key: string, row: string): void {
    const decoded = Row.decode(JSON.parse(row))
    if (isRight(decoded)) this.#rootByKey.set(key, decoded.right.cause)
  }
}
