import type { Channel } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { Reply } from '../conversation/reply.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'

/** A committed reply on its way out. */
export interface Queued {
  readonly sequence: number
  readonly epoch: string
  /** Stable over repeats and restarts: made of conversation, epoch and sequence. */
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
}

interface Lane {
  readonly conversation: string
  readonly address: Address
  readonly rows: Queued[]
  /** Highest sequence ever queued here: a row offered again by the sweep is not queued twice. */
  queuedThrough: number
  sending: boolean
  failures: number
  wake: Cancel | null
}

const BACKOFF = { initialMs: 500, maxMs: 60_000, factor: 2 }

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

  /** Queues committed rows; rows that are already queued here are passed over. */
  deliver(conversation: string, address: Address, rows: readonly Queued[]): void {
    if (this.#stopped) return
    const lane = this.#lanes.get(conversation) ?? this.#open(conversation, address)
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
    if (lane?.wake == null) return
    lane.wake()
    lane.wake = null
    this.#run(lane)
  }

  /** Forgets a conversation that was erased or whose memory is stale. */
  forget(conversation: string): void {
    const lane = this.#lanes.get(conversation)
    if (lane === undefined || lane.sending) return
    lane.wake?.()
    this.#lanes.delete(conversation)
  }

  /** Starts no further send and waits for those under way; the rest stays in the store. */
  async stop(graceMs: number): Promise<void> {
    const deadline = this.#parts.clock.monotonicMs() + graceMs
    while (this.sending > 0 && this.#parts.clock.monotonicMs() < deadline) {
      await new Promise<void>(resolve => {
        this.#parts.clock.after(10, resolve)
      })
    }
    this.#stopped = true
    for (const limit of this.#limits) limit.abort()
    for (const lane of this.#lanes.values()) lane.wake?.()
    this.#lanes.clear()
  }

  #open(conversation: string, address: Address): Lane {
    const lane: Lane = {
      conversation,
      address,
      rows: [],
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
    void this.#offer(lane, row).then(afterMs => {
      lane.sending = false
      if (afterMs === null) {
        this.#run(lane)
        return
      }
      lane.wake = this.#parts.clock.after(afterMs, () => {
        lane.wake = null
        this.#run(lane)
      })
    })
  }

  /** Offers one row; null when it is done with, else the pause before it is offered again. */
  async #offer(lane: Lane, row: Queued): Promise<number | null> {
    const { log, random } = this.#parts
    const fields = { conversation: lane.conversation, key: row.key }
    const sent = await this.#send(lane, row)
    if (sent.tag === 'later') {
      lane.failures += 1
      const afterMs = sent.afterMs || 100 + fullJitterMs(random, BACKOFF, lane.failures - 1)
      log.debug({ event: 'outbox.later', why: sent.why, afterMs, ...fields }, 'reply waits')
      return afterMs
    }
    if (sent.tag === 'refused') {
      log.warn({ event: 'outbox.refused', why: sent.why, ...fields }, 'reply given up')
    }
    lane.failures = 0
    lane.rows.shift()
    this.#parts.acknowledged(lane.conversation, row.epoch, row.sequence)
    return null
  }

  async #send(lane: Lane, row: Queued): ReturnType<Channel['send']> {
    const channel = this.#parts.channel(lane.address.channel)
    if (channel === undefined) return { tag: 'later', afterMs: 0, why: 'channel not mounted' }
    const limit = new AbortController()
    this.#limits.add(limit)
    const cancel = this.#parts.clock.after(channel.sendTimeoutMs, () => limit.abort())
    try {
      const outgoing = { address: lane.address, key: row.key, reply: row.reply }
      return await channel.send(outgoing, limit.signal)
    } catch (error) {
      const why = error instanceof Error ? error.name : 'thrown value'
      return { tag: 'later', afterMs: 0, why: `send failed: ${why}` }
    } finally {
      cancel()
      this.#limits.delete(limit)
    }
  }
}
