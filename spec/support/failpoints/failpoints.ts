import type { Channel } from '../../../lib/channel/channel.ts'
import type { WebhookDoor } from '../../../lib/channel/whatsapp/whatsapp.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'

/** What happens to the process when it has come to the armed place. */
export type Blow = 'kill' | 'freeze' | 'throw' | 'reject'

const SENDS_LATER_MS = 100

/**
 * Places at which a process may be hit, each reached by wrapping what the runtime is handed in.
 *
 * One place is armed at a time: at the n-th arrival there the process is killed, stopped until it
 * is continued, or left with an error that nobody catches.
 */
export class Failpoints {
  #point = ''
  #left = 0
  #blow: Blow = 'kill'
  /** Told when the process goes on after it was stopped. */
  onThaw: () => void = () => undefined
  inFlight = 0

  arm(point: string, at: number, blow: Blow): void {
    this.#point = point
    this.#left = at
    this.#blow = blow
  }

  isArmed(point: string): boolean {
    return this.#point === point
  }

  arrive(point: string): void {
    if (point !== this.#point) return
    this.#left -= 1
    if (this.#left > 0) return
    this.#point = ''
    process.stdout.write(`${JSON.stringify({ event: 'hit', point })}\n`)
    if (this.#blow === 'kill') process.kill(process.pid, 'SIGKILL')
    else if (this.#blow === 'throw') setImmediate(() => fallen(point))
    else if (this.#blow === 'reject') void Promise.reject(new Error(`rejected at ${point}`))
    else {
      process.kill(process.pid, 'SIGSTOP')
      this.onThaw()
    }
  }

  /** `claimed`, `migrated`, `parking`, `committing`, `sent`, `parked`, `committed`, `closing`. */
  store(inner: ConversationStore, isMigrating: () => boolean): ConversationStore {
    const commit = inner.commit.bind(inner)
    const claim = inner.claimDue.bind(inner)
    const close = inner.close.bind(inner)
    inner.commit = async (id, asked) => {
      const isMigrated = isMigrating()
      if (isMigrated) this.arrive('migrated')
      if (asked.park !== null) this.arrive('parking')
      this.arrive('committing')
      const ending = commit(id, asked)
      // The request has left when what was put off until the next turns of the loop has run.
      if (this.isArmed('sent')) setImmediate(() => setImmediate(() => this.arrive('sent')))
      const outcome = await ending
      if (isMigrated) this.arrive('migration stored')
      if (asked.park !== null) this.arrive('parked')
      this.arrive('committed')
      return outcome
    }
    inner.claimDue = async (limit, leaseMs) => {
      const ids = await claim(limit, leaseMs)
      if (ids.length > 0) this.arrive('claimed')
      return ids
    }
    inner.close = () => {
      this.arrive('closing')
      return close()
    }
    return inner
  }

  /** `signed`, `unacknowledged`, `offering`, `between`, `took`. */
  channel(inner: Channel<WebhookDoor>): Channel<WebhookDoor> {
    let last = { commit: '', sequence: 0 }
    return {
      ...inner,
      sendTimeoutMs: 1_000,
      mount: host =>
        inner.mount({
          ...host,
          receive: async heard => {
            this.arrive('signed')
            this.inFlight += 1
            const receipt = await host.receive(heard)
            this.inFlight -= 1
            this.arrive('unacknowledged')
            return receipt
          }
        }),
      send: async (outgoing, signal) => {
        // An answer to the provider is on its way before the first offer is.
        if (this.isArmed('acked')) await new Promise(done => setTimeout(done, SENDS_LATER_MS))
        const [conversation = '', , sequence = '', commit = ''] = outgoing.key.split('.')
        const next = { commit: `${conversation} ${commit}`, sequence: Number(sequence) }
        this.arrive('offering')
        if (last.commit === next.commit && last.sequence === next.sequence - 1)
          this.arrive('between')
        const sent = await inner.send(outgoing, signal)
        last = next
        this.arrive('took')
        return sent
      }
    }
  }
}

function fallen(point: string): never {
  throw new Error(`thrown at ${point}`)
}
