import type { Channel } from '../channel/channel.ts'
import type { Clock, Millis } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { HoldOutcome } from '../store/reply-hold.ts'
import { holdUntil, type Lane, NEVER, type Queued } from './lane.ts'
import { replyLeaseMs, sendMs } from './reply-lease.ts'
import { retryAfterMs, SHORTEST_PAUSE_MS } from './retry.ts'

export interface ReplyLeasesParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: { readonly leaseMs: number; readonly acknowledgeWithinMs: number }
  /** Store time. */
  readonly time: { nowMs(): Millis }
  channel(name: string): Channel | undefined
  /** How far the replies of this epoch are acknowledged in the store, by whatever process. */
  acknowledgedThrough(conversation: string, epoch: string): Promise<number>
  /** Asks the store to let this process alone send them for so long. */
  hold(conversation: string, epoch: string, ms: Millis): Promise<HoldOutcome>
}

/** Whether a reply may be offered now, and which were sent elsewhere; else how long it waits. */
export type Word =
  | { readonly tag: 'go'; readonly sentThrough: number }
  | { readonly tag: 'wait'; readonly afterMs: Millis }

type Told = 'taken' | 'takeover' | 'refused' | 'lost'

/** Times that the pause before the store is asked again grows: 8 s are the longest. */
const ASKED_SLOWER_MOST = 5

/**
 * Lets a send begin only when nobody else begins one before it has ended.
 *
 * The process that committed a reply needs no word of the store while its lease is young. After
 * that everybody, this process too, sends only under a hold that outlasts the send.
 */
export class ReplyLeases {
  readonly #parts: ReplyLeasesParts

  constructor(parts: ReplyLeasesParts) {
    this.#parts = parts
  }

  async mayOffer(lane: Lane, row: Queued): Promise<Word> {
    const isFirst = lane.failures === 0
    if (this.#isOwn(row)) {
      if (isFirst) return go(0)
      const sentThrough = await this.#sentThrough(lane, row)
      // The answer may have come when the lease was over.
      if (this.#isOwn(row)) return go(sentThrough)
      return this.#underHold(lane, row)
    }
    if (isFirst && this.#outlasts(lane, lane.heldUntilMs)) return go(0)
    return this.#underHold(lane, row)
  }

  #isOwn(row: Queued): boolean {
    return row.ownUntilMs > this.#parts.clock.monotonicMs()
  }

  /** After a failure: an operator may have erased the conversation meanwhile. */
  async #sentThrough({ conversation }: Lane, { epoch }: Queued): Promise<number> {
    try {
      return await this.#parts.acknowledgedThrough(conversation, epoch)
    } catch (error) {
      this.#tellUnsure(conversation, error, 'failed')
      return 0
    }
  }

  async #underHold(lane: Lane, row: Queued): Promise<Word> {
    const { clock, limits } = this.#parts
    const { conversation, doubts, heldUntilMs } = lane
    const ms = replyLeaseMs(limits, this.#channelOf(lane))
    const askedMs = clock.monotonicMs()
    let outcome: HoldOutcome
    try {
      outcome = await this.#parts.hold(conversation, row.epoch, ms)
    } catch (error) {
      this.#tellUnsure(conversation, error, 'lease')
      return this.#later(lane, null)
    }
    if (outcome.tag === 'gone') return go(Number.POSITIVE_INFINITY)
    const { by, untilMs, acknowledgedThrough } = outcome
    if (outcome.tag === 'other') {
      const wasOurs = heldUntilMs > askedMs
      lane.heldUntilMs = NEVER
      this.#tell(lane, row, wasOurs ? 'lost' : 'refused', by, 'another process sends')
      // What it has sent is done with here, too.
      if (row.sequence <= acknowledgedThrough) return go(acknowledgedThrough)
      return this.#later(lane, untilMs)
    }
    // By this clock, and from before the question: nothing that came late makes a hold longer.
    holdUntil(lane, doubts, askedMs + ms)
    const isForeign = row.ownUntilMs === NEVER
    const reason = heldUntilMs > askedMs ? 'held on' : 'the lease of its commit is over'
    this.#tell(lane, row, isForeign ? 'takeover' : 'taken', row.by, reason)
    if (!this.#outlasts(lane, askedMs + ms)) return this.#later(lane, null)
    lane.refusals = 0
    return go(acknowledgedThrough)
  }

  #outlasts(lane: Lane, untilMs: Millis): boolean {
    const { clock, limits } = this.#parts
    return untilMs - clock.monotonicMs() >= sendMs(limits, this.#channelOf(lane))
  }

  /** The pause before the store is asked again; no longer than what is left of another's hold. */
  #later(lane: Lane, untilMs: Millis | null): Word {
    const { random, time } = this.#parts
    lane.refusals += 1
    const afterMs = retryAfterMs(random, 0, Math.min(lane.refusals, ASKED_SLOWER_MOST))
    // The time of the store is known only about: its end may have come here and not there.
    const leftMs = untilMs === null ? afterMs : Math.max(SHORTEST_PAUSE_MS, untilMs - time.nowMs())
    return { tag: 'wait', afterMs: Math.min(afterMs, leftMs) }
  }

  #channelOf({ address }: Lane): Channel | undefined {
    return this.#parts.channel(address.channel)
  }

  #tellUnsure(conversation: string, error: unknown, doubt: 'failed' | 'lease'): void {
    const code = failureOf(error)?.code
    this.#parts.log.debug({ event: 'outbox.unsure', conversation, code, doubt }, 'not known')
  }

  /** One line a change of hands, for whoever asks why a reply was sent by this process, or not. */
  #tell(lane: Lane, row: Queued, what: Told, holder: string, reason: string): void {
    const { log, time } = this.#parts
    const { epoch, key, at } = row
    const { conversation } = lane
    const fields = { conversation, key, holder, epoch, ageMs: time.nowMs() - at }
    log.debug({ event: 'reply.lease', what, reason, ...fields }, 'lease of a reply')
  }
}

function go(sentThrough: number): Word {
  return { tag: 'go', sentThrough }
}
