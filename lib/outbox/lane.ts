import type { Address } from '../conversation/address.ts'
import type { Reply } from '../conversation/reply.ts'
import type { Cancel, Clock, Millis } from '../kernel/clock.ts'

/** The replies of one conversation on their way out, in order. */
export interface Lane {
  readonly conversation: string
  readonly address: Address
  readonly rows: Queued[]
  /** The incarnation of the conversation whose rows these are. */
  epoch: string
  /** Highest sequence ever queued here: a row offered again by the sweep is not queued twice. */
  queuedThrough: number
  sending: boolean
  /** When the member wrote last, in store time; null while that is not known. */
  heardAtMs: Millis | null
  failures: number
  /** When the replies in it were this process's to send for sure, on the monotonic clock. */
  sureMs: Millis
  /** How often rows came that another process may have sent. */
  doubts: number
  wake: Cancel | null
}

/** A committed reply on its way out. */
export interface Queued {
  readonly sequence: number
  /** As it is stored. */
  readonly row: string
  readonly epoch: string
  /** Stable over repeats and restarts, and never that of another reply. */
  readonly key: string
  readonly reply: Reply
  /** The prompt it bears, where somebody asks what becomes of it. */
  readonly prompt?: string | undefined
}

/** What is known of rows that are handed over. */
export interface DeliveryNote {
  /** When the member wrote last, in store time; null while that is not known. */
  readonly heardAtMs?: Millis | null
  /** Another process committed some of it, and may have sent it since it was read. */
  readonly mayBeSent?: boolean
}

export function newLane(conversation: string, address: Address): Lane {
  return {
    conversation,
    address,
    rows: [],
    epoch: '',
    queuedThrough: 0,
    sending: false,
    heardAtMs: null,
    failures: 0,
    sureMs: 0,
    doubts: 0,
    wake: null
  }
}

/** Queues committed rows, all of one incarnation; those that are queued already are passed over. */
export function queue(
  lane: Lane,
  rows: readonly Queued[],
  { heardAtMs = null, mayBeSent = false }: DeliveryNote,
  nowMs: Millis
): void {
  const { epoch = '' } = rows[0] ?? {}
  lane.heardAtMs = heardAtMs
  if (lane.epoch !== epoch) empty(lane, epoch)
  if (lane.rows.length === 0) lane.sureMs = nowMs
  if (mayBeSent) {
    lane.sureMs = Number.NEGATIVE_INFINITY
    lane.doubts += 1
  }
  for (const row of rows) {
    if (row.sequence <= lane.queuedThrough) continue
    lane.rows.push(row)
    lane.queuedThrough = row.sequence
  }
}

/** Leaves nothing in the lane; what is queued next is of this incarnation. */
export function empty(lane: Lane, epoch: string): void {
  lane.rows.length = 0
  lane.epoch = epoch
  lane.queuedThrough = 0
  lane.failures = 0
}

/** Why the store is asked, before a row is offered, how far another process has sent. */
type Doubt = 'none' | 'failed' | 'lease'

/**
 * `failed` after a failure; `lease` so long after the rows were ours that another process may have
 * taken them over. It lasts until the store has answered.
 */
export function doubtOf(
  { failures, sureMs }: Lane,
  { clock, limits }: { readonly clock: Clock; readonly limits: { readonly leaseMs: number } }
): Doubt {
  if (clock.monotonicMs() - sureMs > limits.leaseMs / 2) return 'lease'
  return failures > 0 ? 'failed' : 'none'
}

/** Notes that the store has said, when it was asked at `askedMs`, what is left to send. */
export function answered(lane: Lane, doubts: number, askedMs: Millis): void {
  // What may be sent by another process and came after the question is no part of the answer.
  if (lane.doubts === doubts) lane.sureMs = askedMs
}
