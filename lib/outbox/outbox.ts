import type { Sent } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import { pause } from '../kernel/clock.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { DeliveryNote, Lane, Queued, StoredReplies } from './lane.ts'
import { empty, isAnother, newLane, queue } from './lane.ts'
import { ReplyLeases, type ReplyLeasesParts } from './reply-leases.ts'
import { LONGEST_PAUSE_MS, retryAfterMs } from './retry.ts'
import { Room } from './room.ts'
import { Sends } from './sends.ts'

export interface OutboxParts extends ReplyLeasesParts {
  readonly limits: OutboxLimits
  /** The channel has taken every reply of the conversation up to this one, or will never do so. */
  acknowledged(conversation: string, epoch: string, last: Queued): void
  /** The channel sends no more before a person has mended what it names. */
  alarm(conversation: string, channel: string, why: string): void
  /** The channel sends: what it needed a person for is over. */
  sent(channel: string): void
  /** What somebody asks about was taken, or given up. */
  ended(conversation: string, row: Queued, sent: Exclude<Sent, { tag: 'later' }>): void
  /** An offer has ended, after so many ms; default: nobody counts. */
  offered?(channel: string, sent: Sent, tookMs: number): void
  /** Something that nobody had foreseen went wrong; the reply waits. */
  failed(error: unknown): void
  /** The channel will never take a reply that is to be kept; said before it is acknowledged. */
  refused(conversation: string, row: Queued, why: string, code: string | null): void
  /** A reply was given up; `parked` when it is kept for an operator. */
  undeliverable(
    conversation: string,
    channel: string,
    key: string,
    why: string,
    parked: boolean
  ): void
}

export interface OutboxLimits {
  /** Sends under way at one time for one channel; more conversations wait their turn. */
  readonly sends: number
  /** Conversations with replies on their way; beyond it those in a pause are left to the sweep. */
  readonly lanes: number
  /** How long sends may begin that no other process may begin beside them, in ms. */
  readonly leaseMs: number
  /** Longest an acknowledgement waits before it is written, in ms. */
  readonly acknowledgeWithinMs: number
}

type Never = Extract<Sent, { readonly tag: 'refused' | 'dropped' }>

const POLL_MS = 10
/** The part of the lanes that replies nobody awaits may fill: a crowd leaves room for answers. */
const SHARE_OF_OTHERS = 7 / 8

/**
 * Sends what was committed: per conversation in order, at least once, under a stable key.
 *
 * A lane holds at most what the store holds undelivered for that conversation. Lanes beyond the
 * limit are let go, of those in a pause the one that began first, else the newest: their rows stay
 * in the store, and the sweep offers them again. Part of them is kept for what somebody awaits.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #lanes = new Map<string, Lane>()
  readonly #rooms = new Map<string, Room>()
  /** Lanes that wait until they offer again, in the order in which their pauses began. */
  readonly #pausing = new Set<Lane>()
  readonly #sends: Sends
  readonly #leases: ReplyLeases
  #stopped = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
    this.#sends = new Sends(parts)
    this.#leases = new ReplyLeases(parts)
  }

  /** Sends under way now. */
  get sending(): number {
    let count = 0
    for (const room of this.#rooms.values()) count += room.sending
    return count
  }

  /** Conversations with a reply that the channel has not taken, under way or waiting. */
  get open(): number {
    return this.#lanes.size
  }

  /**
   * Queues committed rows; rows that are already queued here are passed over. With
   * `mayBeSent` they go only under a new hold, which tells how far another process has sent them.
   */
  deliver(
    conversation: string,
    address: Address,
    rows: readonly Queued[],
    note: DeliveryNote = {}
  ): void {
    if (this.#stopped || rows.length === 0) return
    const lane = this.#lanes.get(conversation) ?? this.#lane(conversation, address, note)
    if (lane === null) return
    queue(lane, rows, note)
    if (lane.wake === null) this.#run(lane)
  }

  /** Offers a waiting conversation again at once: someone is listening. */
  nudge(conversation: string): void {
    const lane = this.#lanes.get(conversation)
    if (lane === undefined || lane.wake === null) return
    this.#endPause(lane)
    this.#run(lane)
  }

  /** True when a reply is queued that the store does not hold in its place, but another one. */
  isOther(conversation: string, stored: StoredReplies): boolean {
    return isAnother(this.#lanes.get(conversation), stored)
  }

  /** Forgets what is queued for a conversation: the store does not hold it any more. */
  forget(conversation: string): void {
    const lane = this.#lanes.get(conversation)
    if (lane === undefined) return
    empty(lane, '')
    // A send under way keeps its lane, so that no second one begins beside it.
    if (!lane.sending) this.#drop(lane)
  }

  /** Starts no further send and waits for those under way; the rest stays in the store. */
  async stop(graceMs: number): Promise<void> {
    const deadline = this.#parts.clock.monotonicMs() + graceMs
    while (this.sending > 0 && this.#parts.clock.monotonicMs() < deadline) {
      await pause(this.#parts.clock, POLL_MS)
    }
    this.#stopped = true
    this.#sends.stop()
    for (const lane of this.#lanes.values()) this.#drop(lane)
    for (const room of this.#rooms.values()) room.stop()
  }

  /** A new lane, or null when there is no room for one. */
  #lane(conversation: string, address: Address, { isAwaited }: DeliveryNote): Lane | null {
    const { lanes } = this.#parts.limits
    const most = isAwaited === true ? lanes : Math.ceil(lanes * SHARE_OF_OTHERS)
    if (this.#lanes.size >= most) {
      const [first] = this.#pausing
      const left = first?.conversation ?? conversation
      this.#parts.log.debug({ event: 'outbox.full', conversation: left }, 'left to the sweep')
      if (first === undefined) return null
      this.#drop(first)
    }
    const lane = newLane(conversation, address)
    this.#lanes.set(conversation, lane)
    return lane
  }

  #drop(lane: Lane): void {
    this.#endPause(lane)
    this.#roomOf(lane).leave(lane)
    if (this.#lanes.get(lane.conversation) === lane) this.#lanes.delete(lane.conversation)
  }

  #endPause(lane: Lane): void {
    this.#pausing.delete(lane)
    lane.wake?.()
    lane.wake = null
  }

  #roomOf({ address: { channel } }: Lane): Room {
    const known = this.#rooms.get(channel)
    if (known !== undefined) return known
    const room = new Room(this.#parts.clock, this.#parts.channel(channel)?.pacing)
    this.#rooms.set(channel, room)
    return room
  }

  #run(lane: Lane): void {
    if (lane.sending || this.#stopped) return
    if (lane.rows.length === 0) {
      this.#drop(lane)
      return
    }
    this.#roomOf(lane).enter(lane)
    this.#fill(lane.address.channel)
  }

  /** Begins as many sends as the channel may have under way, for those that wait longest. */
  #fill(name: string): void {
    const room = this.#rooms.get(name)
    if (room === undefined) return
    const most = this.#parts.channel(name)?.sendsAtOnce ?? this.#parts.limits.sends
    while (room.sending < most) {
      const next = room.next(() => this.#fill(name))
      if (next === null) return
      const { lane, waitMs } = next
      const [row] = lane.rows
      if (row === undefined) continue
      if (waitMs > 0) this.#pause(lane, waitMs)
      else this.#begin(room, lane, row)
    }
  }

  #begin(room: Room, lane: Lane, row: Queued): void {
    room.begins(lane)
    lane.sending = true
    void this.#offer(lane, row)
      .catch((error: unknown) => this.#unforeseen(lane, error))
      .then(afterMs => {
        room.sending -= 1
        lane.sending = false
        if (this.#stopped) return
        if (afterMs === null || lane.rows[0] !== row) this.#run(lane)
        else this.#pause(lane, afterMs)
        this.#fill(lane.address.channel)
      })
  }

  #pause(lane: Lane, afterMs: number): void {
    this.#pausing.add(lane)
    lane.wake = this.#parts.clock.after(afterMs, () => {
      lane.wake = null
      this.#pausing.delete(lane)
      this.#run(lane)
    })
  }

  #unforeseen({ conversation }: Lane, error: unknown): number {
    const why = whatWasThrown(error)
    this.#parts.log.error({ event: 'outbox.failed', conversation, why }, 'the reply waits')
    this.#parts.failed(error)
    return LONGEST_PAUSE_MS
  }

  /** Offers one row; null when it is done with, else the pause before it is offered again. */
  async #offer(lane: Lane, row: Queued): Promise<number | null> {
    const { log, random } = this.#parts
    const fields = { conversation: lane.conversation, key: row.key }
    const word = await this.#leases.mayOffer(lane, row)
    // Forgotten, or left to the sweep, while the store was asked.
    const isLeft = this.#stopped || lane.rows[0] !== row
    const isSent = word.tag === 'go' && row.sequence <= word.sentThrough
    if (isLeft || isSent || word.tag === 'wait') this.#roomOf(lane).sentNothing(lane)
    if (isLeft) return null
    if (word.tag === 'wait') return word.afterMs
    if (isSent) return this.#done(lane, row, word.sentThrough)
    const startedMs = this.#parts.clock.monotonicMs()
    const sent = await this.#send(lane, row)
    const tookMs = this.#parts.clock.monotonicMs() - startedMs
    this.#parts.offered?.(lane.address.channel, sent, tookMs)
    // A send that ends after the stop is nobody's any more: its row stays in the store.
    if (this.#stopped) return null
    const { conversation, address } = lane
    if (sent.tag === 'sent') this.#parts.sent(address.channel)
    else if (sent.alarm === true) this.#parts.alarm(conversation, address.channel, sent.why)
    if (sent.tag === 'later') {
      lane.failures += 1
      const afterMs = retryAfterMs(random, sent.afterMs, lane.failures)
      log.debug({ event: 'outbox.later', why: sent.why, afterMs, ...fields }, 'reply waits')
      return afterMs
    }
    if (sent.tag !== 'sent') this.#givenUp(lane, row, sent)
    if (row.prompt !== undefined) this.#parts.ended(conversation, row, sent)
    return this.#done(lane, row)
  }

  /** Tells that the channel will never take this reply, which holds nothing up. */
  #givenUp({ conversation, address, rows }: Lane, row: Queued, sent: Never): void {
    // What a person wanted to be offered again does not vanish.
    const isKept = sent.tag === 'refused' || row.isAgain === true
    const { why } = sent
    const { log } = this.#parts
    const fields = { why, conversation, key: row.key }
    if (isKept) log.warn({ event: 'outbox.refused', ...fields }, 'never taken, to be parked')
    else log.warn({ event: 'outbox.dropped', ...fields }, 'reply given up')
    this.#parts.undeliverable(conversation, address.channel, row.key, why, isKept)
    // A row that was forgotten meanwhile is none of the store's.
    if (!isKept || rows[0] !== row) return
    const code = sent.tag === 'refused' ? (sent.code ?? null) : null
    this.#parts.refused(conversation, row, why, code)
  }

  /** Takes a row out, and what the store knows as sent behind it. */
  #done(lane: Lane, row: Queued, through = row.sequence): null {
    lane.failures = 0
    lane.refusals = 0
    // A row that was forgotten meanwhile is none of the store's: nothing of it is acknowledged.
    if (lane.rows[0] !== row) return null
    const kept = lane.rows.filter(({ sequence }) => sequence > through)
    const last = lane.rows[lane.rows.length - kept.length - 1] ?? row
    lane.rows.splice(0, lane.rows.length, ...kept)
    this.#parts.acknowledged(lane.conversation, last.epoch, last)
    return null
  }

  #send(lane: Lane, row: Queued): Promise<Sent> {
    const { address, heardAtMs } = lane
    const heardAgoMs = heardAtMs === null ? null : this.#parts.time.nowMs() - heardAtMs
    return this.#sends.send({ address, key: row.key, reply: row.reply, heardAgoMs })
  }
}
