import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Cancel } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import type { Fence } from '../store/conversation-store.ts'
import type { Verdict } from '../supervision/judge.ts'
import type { DirectiveName, Rung } from '../supervision/policy.ts'
import type { FailureContext } from './failure-context.ts'
import { Mailbox } from './mailbox.ts'
import type { Memory } from './memory.ts'
import type { Actor } from './nact.ts'

/** Wakes an actor to take the head of its mailbox; the events themselves never enter nact. */
export type Token = 'take'

/** What an actor does besides events: look at what is due, acknowledge, renew leases. */
export type Errand = 'wake' | 'flush' | 'lease'

/** One event or errand on its way through a mailbox. */
export interface Envelope {
  readonly work: TurnEvent | Errand
  settle(receipt: Receipt): void
  /** When it came, on the monotonic clock. */
  readonly sinceMs: number
  /** How deciding failed last; null again after any commit. */
  fault: Fault | null
}

/** Runs of one event that ended in a Defect. */
export interface Fault {
  /** The event that failed: the envelope's own, or one that had to be taken before it. */
  readonly eventId: string
  readonly failure: Failure
  readonly context: FailureContext
  readonly runs: number
  readonly verdict: Verdict
  /** What was done about each of its failures so far, in order. */
  readonly done: readonly DirectiveName[]
  /** How the event is given up, once the policy has said so. */
  readonly parking: Exclude<Parking, 'recovery'> | null
}

/**
 * An event that was given up is parked, with a reset or with the state as it was, or waits in the
 * inbox of a conversation that is held. With `recovery` it met a damaged record that leads to MENU,
 * and is no answer to what is asked there.
 */
export type Parking = Exclude<Rung, 'retry' | 'restart'> | 'recovery'

/** How far the replies of one incarnation of a conversation have gone. */
interface Through {
  readonly epoch: string
  readonly through: number
  /** The last of them, as it is stored: by its number alone another branch has one, too. */
  readonly row: string
}

/** A reply that its channel will never take, as the process knows that offered it. */
export interface RefusedReply {
  readonly epoch: string
  readonly sequence: number
  /** By its number alone another branch has a reply, too. */
  readonly key: string
  readonly why: string
  /** The provider's. */
  readonly code: string | null
}

/** What the runtime keeps of one live conversation, outside nact so that no crash can lose it. */
export interface Cell {
  readonly id: string
  /** Known from the first message, or from the stored core when a sweep wakes the conversation. */
  address: Address | null
  readonly mailbox: Mailbox<Envelope>
  /** Errands that wait in the mailbox: one of a kind is enough. */
  readonly errands: Map<Errand, Promise<Receipt>>
  actor: Actor<Token> | null
  /** When its member wrote last, in store time, as far as this process has seen. */
  heardAtMs: number
  /** When something was last asked of it, on the monotonic clock. */
  usedMs: number
  /** Rises with every restart; an older incarnation removes nothing from the mailbox. */
  incarnation: number
  memory: Memory | null
  /** The newest commit this process saw: a store that knows less has rolled back. */
  seen: Pick<Fence, 'epoch' | 'version' | 'head'> | null
  /** When it saw that, by the store's clock. */
  seenMs: number
  /** Replies the channel has taken, or that went out with a receipt. */
  sent: Through
  /** Of those, what the channel will never take: a commit that acknowledges it parks it. */
  refused: readonly RefusedReply[]
  /** Id of the event that was to park one of those, when the bot failed on every run of it. */
  unparkable: string | null
  /** The write of an acknowledgement that found no commit to ride with; set until it is done. */
  flush: Cancel | null
  /** The next look at replies that wait for those of another process. */
  look: Cancel | null
  /** The first reply of another process that ours wait for, and how often it was still there. */
  behind: { readonly sequence: number | null; looks: number }
  /** Commits left until this process counts as the only one that serves the conversation. */
  shared: number
  /** Someone listens here: replies of another process are looked at until its lease ends. */
  listening: boolean
  /** Key of the call whose progress the member was told. */
  progressTold: string | null
  rollbackTold: boolean
  alarmTold: boolean
}

const NOTHING_SENT: Through = { epoch: '', through: 0, row: '' }
const NONE_REFUSED: readonly RefusedReply[] = []

export function newCell(id: string, address: Address | null, mailboxEvents: number): Cell {
  return {
    id,
    address,
    mailbox: new Mailbox<Envelope>(mailboxEvents),
    errands: new Map(),
    actor: null,
    heardAtMs: 0,
    usedMs: 0,
    incarnation: 0,
    memory: null,
    seen: null,
    seenMs: 0,
    sent: NOTHING_SENT,
    refused: NONE_REFUSED,
    unparkable: null,
    flush: null,
    look: null,
    behind: { sequence: null, looks: 0 },
    listening: false,
    shared: 0,
    progressTold: null,
    rollbackTold: false,
    alarmTold: false
  }
}

/** Notes the newest commit that the store is known to hold. */
export function saw(cell: Cell, fence: Cell['seen'], nowMs: number): void {
  cell.seen = fence
  cell.seenMs = nowMs
}

/** How far replies of this epoch have gone; 0 for another one. */
export function sentThrough({ sent }: Cell, epoch: string): number {
  return sent.epoch === epoch ? sent.through : 0
}

/** Forgets what was sent: the store is not the one it was sent from. */
export function forgetSent(cell: Cell): void {
  cell.sent = NOTHING_SENT
  cell.refused = NONE_REFUSED
  cell.flush?.()
  cell.flush = null
}
