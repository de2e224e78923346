import type { Channel } from '../channel/channel.ts'
import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import type { Lane } from './lane.ts'
import { Pacer } from './pacer.ts'

/** The lanes of one account that wait, those that began to first. */
interface Line {
  readonly awaited: Set<Lane>
  readonly others: Set<Lane>
  /** Awaited ones that went before others since one of those did. */
  passed: number
}

/** After so many that went before it, one that nobody awaits goes. */
const PASSED_MOST = 7

/**
 * Sends of one channel under way, the lanes that wait for one of those to end, and its pace. Each
 * account of the channel has a line of its own: while one waits for its pace, the others go on.
 */
export class Room {
  sending = 0
  readonly #clock: Clock
  /** By account, in the order in which they have their turns. */
  readonly #lines = new Map<string, Line>()
  /** Accounts that wait for their pace, not for a send to end. */
  readonly #asleep = new Map<string, { readonly line: Line; readonly wake: Cancel }>()
  readonly #account: Pacer | null
  readonly #member: Pacer | null

  constructor(clock: Clock, pacing: Channel['pacing']) {
    this.#clock = clock
    this.#account = pacing === undefined ? null : new Pacer(pacing.number)
    this.#member = pacing === undefined ? null : new Pacer(pacing.member)
  }

  /** The lane waits for its turn, unless it does so already. */
  enter(lane: Lane): void {
    const { account } = lane.address
    const line = this.#asleep.get(account)?.line ?? this.#lines.get(account) ?? newLine()
    const [mine, other] = lane.isAwaited ? [line.awaited, line.others] : [line.others, line.awaited]
    other.delete(lane)
    mine.add(lane)
    if (!this.#asleep.has(account)) this.#lines.set(account, line)
  }

  leave(lane: Lane): void {
    const { account } = lane.address
    const asleep = this.#asleep.get(account)?.line
    if (asleep !== undefined) taken(asleep, lane)
    const line = this.#lines.get(account)
    if (line !== undefined && taken(line, lane) && sizeOf(line) === 0) this.#lines.delete(account)
  }

  /**
   * Takes out the lane whose turn it is, with how long it must wait for its member's pace, in ms;
   * null when there is none before one enters or `woken` runs.
   */
  next(woken: () => void): { readonly lane: Lane; readonly waitMs: Millis } | null {
    const nowMs = this.#clock.monotonicMs()
    for (const [account, line] of this.#lines) {
      const lane = nextOf(line)
      this.#lines.delete(account)
      if (lane === undefined) continue
      const waitMs = this.#member?.waitMs(lane.conversation, nowMs) ?? 0
      const sleepMs = waitMs > 0 ? 0 : (this.#account?.waitMs(account, nowMs) ?? 0)
      if (sleepMs > 0) {
        this.#sleep(account, line, sleepMs, woken)
        continue
      }
      goes(line, lane)
      // Behind the other accounts.
      if (sizeOf(line) > 0) this.#lines.set(account, line)
      return { lane, waitMs }
    }
    return null
  }

  /** A send of this lane begins. */
  begins({ conversation, address }: Lane): void {
    const nowMs = this.#clock.monotonicMs()
    this.sending += 1
    this.#account?.took(address.account, nowMs)
    this.#member?.took(conversation, nowMs)
  }

  /** It began and offered nothing: the pace is as before. */
  sentNothing({ conversation, address }: Lane): void {
    this.#account?.returned(address.account)
    this.#member?.returned(conversation)
  }

  /** Leaves no timer behind. */
  stop(): void {
    for (const { wake } of this.#asleep.values()) wake()
    this.#asleep.clear()
    this.#lines.clear()
  }

  #sleep(account: string, line: Line, ms: Millis, woken: () => void): void {
    const wake = this.#clock.after(ms, () => {
      this.#asleep.delete(account)
      if (sizeOf(line) === 0) return
      this.#lines.set(account, line)
      woken()
    })
    this.#asleep.set(account, { line, wake })
  }
}

function newLine(): Line {
  return { awaited: new Set(), others: new Set(), passed: 0 }
}

function sizeOf({ awaited, others }: Line): number {
  return awaited.size + others.size
}

/** Whose turn it is: who is awaited, but not for ever before the others. */
function nextOf({ awaited, others, passed }: Line): Lane | undefined {
  const [first] = awaited
  const [other] = others
  return passed >= PASSED_MOST ? (other ?? first) : (first ?? other)
}

function goes(line: Line, lane: Lane): void {
  line.passed = line.awaited.has(lane) && line.others.size > 0 ? line.passed + 1 : 0
  taken(line, lane)
}

/** False when it did not wait there. */
function taken({ awaited, others }: Line, lane: Lane): boolean {
  return awaited.delete(lane) || others.delete(lane)
}
