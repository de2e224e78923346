import type { LedgerRow, OfferStatus } from '../protocol.ts'
import type { Operation } from './commit.ts'

/** Everything the ledger knows, changed only by `applyCommit`. */
export interface LedgerState {
  readonly members: Map<string, MemberState>
  readonly memberIdByPhone: Map<string, string>
  readonly accounts: Map<string, AccountState>
  readonly accountIdByHandle: Map<string, string>
  readonly offers: Map<string, OfferState>
  /** Offer ids in the order in which they were settled. */
  readonly settled: Set<string>
  readonly operations: Map<string, RecordedOperation>
  /** What upgrades cost so far: money that left the accounts but not the ledger. */
  readonly feesTaken: Map<string, bigint>
  readonly effects: Effects
}

interface MemberState {
  readonly memberId: string
  readonly phone: string
  readonly firstName: string
  readonly lastName: string
  tier: number
  /** What is left of the daily limit on that day; null when nothing of it was ever used. */
  limit: { readonly day: number; readonly remaining: bigint } | null
}

export interface AccountState {
  readonly accountId: string
  readonly handle: string
  readonly name: string
  readonly type: string
  readonly ownerId: string
  readonly authorisedFor: readonly string[]
  readonly defaultDenom: string
  /** What is left after the reservations of the open offers. */
  readonly balances: Map<string, bigint>
  /** Oldest first. */
  readonly rows: LedgerRow[]
  readonly incoming: Set<string>
  readonly outgoing: Set<string>
}

export interface OfferState {
  readonly offerId: string
  readonly issuerAccountId: string
  readonly receiverAccountId: string
  readonly amount: bigint
  readonly denom: string
  readonly createdAtMs: number
  readonly createdBy: 'content' | 'member' | 'control'
  /** Whose daily limit it used; given back when it ends unaccepted on the same day. */
  readonly limit: { readonly memberId: string; readonly day: number } | null
  status: OfferStatus
}

/** The final outcome of one changing request, kept under its idempotency key. */
interface RecordedOperation extends Operation {
  readonly atMs: number
}

/** Committed changes that members made; what control did is left out. */
export interface Effects {
  membersCreated: number
  offersCreated: number
  offersAccepted: number
  offersDeclined: number
  offersCancelled: number
  upgrades: number
}

export function emptyState(): LedgerState {
  return {
    members: new Map(),
    memberIdByPhone: new Map(),
    accounts: new Map(),
    accountIdByHandle: new Map(),
    offers: new Map(),
    settled: new Set(),
    operations: new Map(),
    feesTaken: new Map(),
    effects: {
      membersCreated: 0,
      offersCreated: 0,
      offersAccepted: 0,
      offersDeclined: 0,
      offersCancelled: 0,
      upgrades: 0
    }
  }
}

/** Days are counted in UTC from the Unix epoch. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / 86_400_000)
}

/** Looks up what must be there; throws when the caller broke that promise. */
export function mustFind<T>(things: ReadonlyMap<string, T>, id: string): T {
  const thing = things.get(id)
  if (thing === undefined) throw new Error(`the ledger does not know ${id}`)
  return thing
}
