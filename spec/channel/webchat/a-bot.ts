import type { Channel, ChannelHost, Heard, Receipt } from '../../../lib/channel/channel.ts'
import type { Address } from '../../../lib/conversation/address.ts'
import type { Reply } from '../../../lib/conversation/reply.ts'
import { silentLog } from '../../../lib/kernel/log.ts'
import { outgoing } from './a-visitor.ts'

/** A runtime in small: one turn an id, replies in order until they are acknowledged. */
export class ABot implements ChannelHost {
  /** Messages that had their turn, in order. */
  readonly turns: Heard[] = []
  readonly log = silentLog
  /** What to do with a message instead of taking it. */
  refuse: (heard: Heard) => Receipt | null = () => null
  /** The channel now mounted; another after a restart. */
  channel: Channel | null = null
  readonly #answer: (heard: Heard, turn: number) => readonly Reply[]
  readonly #outbox: { readonly user: string; readonly key: string; readonly reply: Reply }[] = []
  #keys = 0
  #isSending = false

  constructor(answer: (heard: Heard, turn: number) => readonly Reply[]) {
    this.#answer = answer
  }

  async receive(heard: Heard): Promise<Receipt> {
    const refused = this.refuse(heard)
    if (refused !== null) return refused
    if (this.turns.some(({ id }) => id === heard.id)) return { tag: 'duplicate', replies: [] }
    this.turns.push(heard)
    for (const reply of this.#answer(heard, this.turns.length)) this.tell(heard.address.user, reply)
    return { tag: 'committed', version: this.turns.length, replies: [] }
  }

  tell(user: string, reply: Reply): void {
    this.#keys += 1
    this.#outbox.push({ user, key: `key${this.#keys}`, reply })
    void this.#send()
  }

  secret(): Uint8Array {
    return new Uint8Array(32)
  }

  status(): Promise<Receipt> {
    throw new Error('the web chat knows no delivery status')
  }

  present(_address: Address): void {
    void this.#send()
  }

  /** What was said, in order, as text. */
  get said(): readonly string[] {
    return this.turns.map(({ content }) =>
      content.kind === 'text'
        ? content.text
        : content.kind === 'choice'
          ? content.option
          : content.kind
    )
  }

  async #send(): Promise<void> {
    if (this.#isSending || this.channel === null) return
    this.#isSending = true
    for (let [next] = this.#outbox; next !== undefined; [next] = this.#outbox) {
      const { user, key, reply } = next
      const sent = await this.channel.send(outgoing(user, reply, key), new AbortController().signal)
      if (sent.tag === 'later') break
      this.#outbox.shift()
    }
    this.#isSending = false
  }
}
