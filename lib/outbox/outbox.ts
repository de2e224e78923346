import type { Channel, Outgoing, Sent } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { Reply } from '../conversation/reply.ts'
import { type Cancel, type Clock, pause } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'
import { whatWasThrown } from '../kernel/thrown.ts'

/** A committed reply on its way out. */
export interface Queued {
  readonly sequence: number
  readonly epoch: string
  /** Stable over repeats and restarts, and never that of another reply. */
  readonly key: string
  readonly reply: Reply
}

export interface OutboxParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  channel(name: string): Channel | undefined
  /** The channel has taken (or finally refused) every reply of the conversation up to `through`. */
  acknowledged(conversation: string, epoch: string, through: number): void
  /** How far the replies of this epoch are acknowledged in the store, by whatever process. */
  acknowledgedThrough(conversation: string, epoch: string): Promise<number>
}

interface Lane {
  readonly conversation: string
  readonly address: Address
  readonly rows: Queued[]
  /** The incarnation of the conversation whose rows these are. */
  epoch: string
  /** Highest sequence ever queued here: a row offered again by the sweep is not queued twice. */
  queuedThrough: number
  sending: boolean
  failures: number
  wake: Cancel | null
}

const BACKOFF = { initialMs: 500, maxMs: 60_000, factor: 2 }
const POLL_MS = 10

/**
 * Sends what was committed: per conversation in order, at least once, under a stable key.
 *
 * A lane holds at most what the store holds undelivered for that conversation.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #lanes = new Map<string, Lane>()
  readonly #limits = new Set<AbortController>()
  #stopped = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Sends under way now. */
  get sending(): number {
    let count = 0
    for (const lane of this.#lanes.values()) if (lane.sending) count += 1
    return count
  }

  /** Conversations with a reply that the channel has not taken, under way or waiting. */
  get open(): number {
    return this.#lanes.size
  }

  /** Queues committed rows; rows that are already queued here are passed over. */
  deliver(conversation: string, address: Address, rows: readonly Queued[]): void {
    const [first] = rows
    if (this.#stopped || first === undefined) return
    const lane = this.#lanes.get(conversation) ?? this.#lane(conversation, address)
    if (lane.epoch !== first.epoch) empty(lane, first.epoch)
    for (const row of rows) {
      if (row.sequence <= lane.queuedThrough) continue
      lane.rows.push(row)
      lane.queuedThrough = row.sequence
    }
    if (lane.wake === null) this.#run(lane)
  }

  /** Offers a waiting conversation again at once: someone is listening. */
  nudge(conversation: string): void {
    const lane = this.#lanes.get(conversation)
    if (lane === undefined || lane.wake === null) return
    lane.wake()
    lane.wake = null
    this.#run(lane)
  }

  /** Forgets what is queued for a conversation: the store does not hold it any more. */
  forget(conversation: string): void {
    const lane = this.#lanes.get(conversation)
    if (lane === undefined) return
    empty(lane, '')
    lane.wake?.()
    lane.wake = null
    // A send under way keeps its lane, so that no second one begins beside it.
    if (!lane.sending) this.#lanes.delete(conversation)
  }

  /** Starts no further send and waits for those under way; the rest stays in the store. */
  async stop(graceMs: number): Promise<void> {
    const deadline = this.#parts.clock.monotonicMs() + graceMs
    while (this.sending > 0 && this.#parts.clock.monotonicMs() < deadline) {
      await pause(this.#parts.clock, POLL_MS)
    }
    this.#stopped = true
    for (const limit of this.#limits) limit.abort()
    for (const lane of this.#lanes.values()) lane.wake?.()
    this.#lanes.clear()
  }

  #lane(conversation: string, address: Address): Lane {
    const lane: Lane = {
      conversation,
      address,
      rows: [],
      epoch: '',
      queuedThrough: 0,
      sending: false,
      failures: 0,
      wake: null
    }
    this.#lanes.set(conversation, lane)
    return lane
  }

  #run(lane: Lane): void {
    if (lane.sending || this.#stopped) return
    const [row] = lane.rows
    if (row === undefined) {
      if (this.#lanes.get(lane.conversation) === lane) this.#lanes.delete(lane.conversation)
      return
    }
    lane.sending = true
    void this.#offer(lane, row)
      .catch((error: unknown) => this.#unforeseen(lane, error))
      .then(afterMs => {
        lane.sending = false
        if (this.#stopped) return
        if (afterMs === null || lane.rows[0] !== row) {
          this.#run(lane)
          return
        }
        lane.wake = this.#parts.clock.after(afterMs, () => {
          lane.wake = null
          this.#run(lane)
        })
      })
  }

  #unforeseen({ conversation }: Lane, error: unknown): number {
    const why = whatWasThrown(error)
    this.#parts.log.error({ event: 'outbox.failed', conversation, why }, 'the reply waits')
    return BACKOFF.maxMs
  }

  /** Offers one row; null when it is done with, else the pause before it is offered again. */
  async #offer(lane: Lane, row: Queued): Promise<number | null> {
    const { log, random } = this.#parts
    const fields = { conversation: lane.conversation, key: row.key }
    if (lane.failures > 0 && (await this.#isTaken(lane, row))) return this.#done(lane, row)
    const sent = await this.#send(lane, row)
    // A send that ends after the stop is nobody's any more: its row stays in the store.
    if (this.#stopped) return null
    if (sent.tag === 'later') {
      lane.failures += 1
      const afterMs = sent.afterMs || 100 + fullJitterMs(random, BACKOFF, lane.failures - 1)
      log.debug({ event: 'outbox.later', why: sent.why, afterMs, ...fields }, 'reply waits')
      return afterMs
    }
    if (sent.tag === 'refused') {
      log.warn({ event: 'outbox.refused', why: sent.why, ...fields }, 'reply given up')
    }
    return this.#done(lane, row)
  }

  #done(lane: Lane, row: Queued): null {
    lane.failures = 0
    // A row that was forgotten meanwhile is none of the store's: nothing of it is acknowledged.
    if (lane.rows[0] !== row) return null
    lane.rows.shift()
    this.#parts.acknowledged(lane.conversation, row.epoch, row.sequence)
    return null
  }

  /** After a pause another process may have sent it: its lease was over. */
  async #isTaken({ conversation }: Lane, { epoch, sequence }: Queued): Promise<boolean> {
    try {
      return (await this.#parts.acknowledgedThrough(conversation, epoch)) >= sequence
    } catch (error) {
      const code = failureOf(error)?.code
      this.#parts.log.debug({ event: 'outbox.unsure', conversation, code }, 'offered again')
      return false
    }
  }

  /** Settles within the channel's time limit, also when the channel does not. */
  #send(lane: Lane, row: Queued): Promise<Sent> {
    const channel = this.#parts.channel(lane.address.channel)
    if (channel === undefined) {
      return Promise.resolve({ tag: 'later', afterMs: 0, why: 'channel not mounted' })
    }
    const limit = new AbortController()
    this.#limits.add(limit)
    const outgoing = { address: lane.address, key: row.key, reply: row.reply }
    return new Promise<Sent>(resolve => {
      limit.signal.addEventListener('abort', () => resolve(later('time limit')), { once: true })
      const cancel = this.#parts.clock.after(channel.sendTimeoutMs, () => limit.abort())
      void offered(channel, outgoing, limit.signal)
        .then(resolve)
        .finally(() => {
          cancel()
          this.#limits.delete(limit)
        })
    })
  }
}

async function offered(channel: Channel, outgoing: Outgoing, signal: AbortSignal): Promise<Sent> {
  try {
    return await channel.send(outgoing, signal)
  } catch (error) {
    return later(`send failed: ${error instanceof Error ? error.name : 'thrown value'}`)
  }
}

function later(why: string): Sent {
  return { tag: 'later', afterMs: 0, why }
}

function empty(lane: Lane, epoch: string): void {
  lane.rows.length = 0
  lane.epoch = epoch
  lane.queuedThrough = 0
  lane.failures = 0
}
