import type { Address } from '../conversation/address.ts'
import type { Reply } from '../conversation/reply.ts'
import type { Cancel, Millis } from '../kernel/clock.ts'

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
  /** Sends in a row that the channel has not taken. */
  failures: number
  /** How often in a row the store was asked for a hold in vain. */
  refusals: number
  /** Until when the store lets nobody else send what is queued, on the monotonic clock. */
  heldUntilMs: Millis
  /** How often rows came that another process may have sent. */
  doubts: number
  wake: Cancel | null
  /** Somebody said what these replies answer: they go before those of what was only woken. */
  isAwaited: boolean
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
  /** The process that committed it, and when by the store's clock. */
  readonly by: string
  readonly at: Millis
  /** Until when its send may begin here without a word of the store, on the monotonic clock. */
  readonly ownUntilMs: Millis
  /** The prompt it bears, where somebody asks what becomes of it. */
  readonly prompt?: string | undefined
  /** It was parked, and is offered again because an operator wants it. */
  readonly isAgain?: boolean
}

/** What is known of rows that are handed over. */
export interface DeliveryNote {
  /** When the member wrote last, in store time; null while that is not known. */
  readonly heardAtMs?: Millis | null
  /** Another process committed some of it, and may have sent it since it was read. */
  readonly mayBeSent?: boolean
  /** They answer what somebody has just said. */
  readonly isAwaited?: boolean
}

/** A time that has passed whenever it is looked at. */
export const NEVER = Number.NEGATIVE_INFINITY

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
    refusals: 0,
    heldUntilMs: NEVER,
    doubts: 0,
    wake: null,
    isAwaited: false
  }
}

/** Queues committed rows, all of one incarnation; those that are queued already are passed over. */
export function queue(
  lane: Lane,
  rows: readonly Queued[],
  { heardAtMs = null, mayBeSent = false, isAwaited = false }: DeliveryNote
): void {
  const { epoch = '' } = rows[0] ?? {}
  lane.heardAtMs = heardAtMs
  lane.isAwaited ||= isAwaited
  if (lane.epoch !== epoch) empty(lane, epoch)
  if (mayBeSent) {
    lane.heldUntilMs = NEVER
    lane.doubts += 1
  }
  for (const row of rows) {
    if (row.sequence <= lane.queuedThrough) continue
    lane.rows.push(row)
    lane.queuedThrough = row.sequence
  }
}

/** What the store holds undelivered of one incarnation of a conversation. */
export interface StoredReplies {
  readonly epoch: string
  readonly rows: readonly Pick<Queued, 'sequence' | 'row'>[]
}

/** True when another reply stands in the store where one is queued here. */
export function isAnother(lane: Lane | undefined, { epoch, rows }: StoredReplies): boolean {
  if (lane === undefined || lane.epoch !== epoch) return false
  const stored = new Map(rows.map(({ sequence, row }) => [sequence, row]))
  return lane.rows.some(({ sequence, row }) => (stored.get(sequence) ?? row) !== row)
}

/** Leaves nothing in the lane; what is queued next is of this incarnation. */
export function empty(lane: Lane, epoch: string): void {
  lane.rows.length = 0
  lane.epoch = epoch
  lane.queuedThrough = 0
  lane.failures = 0
  lane.refusals = 0
  lane.heldUntilMs = NEVER
  lane.doubts += 1
}

/** Notes that nobody else sends what is queued before this time, on the monotonic clock. */
export function holdUntil(lane: Lane, doubts: number, untilMs: Millis): void {
  // What may have been sent elsewhere and came after the question is no part of the answer.
  if (lane.doubts === doubts) lane.heldUntilMs = untilMs
}
