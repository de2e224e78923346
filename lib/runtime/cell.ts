import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Cancel } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import { Mailbox } from './mailbox.ts'
import type { Memory } from './memory.ts'
import type { Actor } from './nact.ts'

/** Wakes an actor to take the head of its mailbox; the events themselves never enter nact. */
export type Token = 'take'

/** One event on its way through a mailbox; without an event the actor looks at what is due. */
export interface Envelope {
  readonly event: TurnEvent | null
  settle(receipt: Receipt): void
  /** Runs that ended in a Defect, and the event that caused the last one. */
  failures: number
  failed: { readonly eventId: string; readonly failure: Failure } | null
  /** The policy has given the failed event up. */
  parked: boolean
}

/** What the runtime keeps of one live conversation, outside nact so that no crash can lose it. */
export interface Cell {
  readonly id: string
  /** Known from the first message, or from the stored core when a sweep wakes the conversation. */
  address: Address | null
  readonly mailbox: Mailbox<Envelope>
  actor: Actor<Token> | null
  /** Rises with every restart; an older incarnation removes nothing from the mailbox. */
  incarnation: number
  memory: Memory | null
  /** Replies the channel has taken, or that went out with a receipt. */
  sent: { epoch: string; through: number }
  /** The write of an acknowledgement that found no commit to ride with. */
  flush: Cancel | null
  rollbackTold: boolean
}

export function newCell(id: string, address: Address | null, mailboxEvents: number): Cell {
  return {
    id,
    address,
    mailbox: new Mailbox<Envelope>(mailboxEvents),
    actor: null,
    incarnation: 0,
    memory: null,
    sent: { epoch: '', through: 0 },
    flush: null,
    rollbackTold: false
  }
}

export function newEnvelope(event: TurnEvent | null, settle: (receipt: Receipt) => void): Envelope {
  return { event, settle, failures: 0, failed: null, parked: false }
}
