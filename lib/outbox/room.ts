import type { Channel } from '../channel/channel.ts'
import type { Cancel, Millis } from '../kernel/clock.ts'
import type { Lane } from './lane.ts'
import { Pacer } from './pacer.ts'

/** Sends of one channel under way, the lanes that wait for one of those to end, and its pace. */
export class Room {
  sending = 0
  readonly waiting = new Set<Lane>()
  /** Set while the lanes wait for the pace of the number, not for a send to end. */
  wake: Cancel | null = null
  readonly #number: Pacer | null
  readonly #member: Pacer | null

  constructor(pacing: Channel['pacing']) {
    this.#number = pacing === undefined ? null : new Pacer(pacing.number)
    this.#member = pacing === undefined ? null : new Pacer(pacing.member)
  }

  /** How long this lane must wait for its member's pace, in ms. */
  memberWaitMs({ conversation }: Lane, nowMs: Millis): Millis {
    return this.#member?.waitMs(conversation, nowMs) ?? 0
  }

  /** How long all lanes must wait for the pace of this account, in ms. */
  numberWaitMs({ address }: Lane, nowMs: Millis): Millis {
    return this.#number?.waitMs(address.account, nowMs) ?? 0
  }

  /** A send of this lane begins. */
  begins({ conversation, address }: Lane, nowMs: Millis): void {
    this.sending += 1
    this.#number?.took(address.account, nowMs)
    this.#member?.took(conversation, nowMs)
  }
}
