import type { LedgerRow } from '../protocol.ts'
import { type GivenAccount, type GivenMember, type GivenOffer, LEDGER_ROWS_MAX } from './content.ts'
import { formatMoney, parsedMoney } from './money.ts'
import type { Rules } from './rules.ts'
import { type AccountState, dayOf, type LedgerState, mustFind, type OfferState } from './state.ts'

/** Puts an offer on both sides' lists; it does not touch a balance. */
export function placeOffer(
  state: LedgerState,
  rules: Rules,
  given: GivenOffer,
  origin: Pick<OfferState, 'createdAtMs' | 'createdBy' | 'limit'>
): OfferState {
  const issuer = mustFind(state.accounts, given.issuerAccountId)
  const receiver = mustFind(state.accounts, given.receiverAccountId)
  const { offerId, denom, status = 'PENDING' } = given
  const offer: OfferState = {
    offerId,
    issuerAccountId: issuer.accountId,
    receiverAccountId: receiver.accountId,
    amount: parsedMoney(rules.denominations, given.amount, denom),
    denom,
    ...origin,
    status
  }
  addNew(state.offers, offerId, offer)
  if (status === 'PENDING') {
    issuer.outgoing.add(offerId)
    receiver.incoming.add(offerId)
  } else state.settled.add(offerId)
  return offer
}

/** Ends a pending offer: accepted moves its money, anything else gives it back. */
export function endOffer(
  state: LedgerState,
  rules: Rules,
  offer: OfferState,
  end: { readonly status: 'ACCEPTED' | 'DECLINED' | 'CANCELLED'; readonly atMs: number }
): void {
  const issuer = mustFind(state.accounts, offer.issuerAccountId)
  const receiver = mustFind(state.accounts, offer.receiverAccountId)
  offer.status = end.status
  issuer.outgoing.delete(offer.offerId)
  receiver.incoming.delete(offer.offerId)
  state.settled.add(offer.offerId)
  forgetOldSettled(state, rules)
  if (end.status !== 'ACCEPTED') {
    addTo(issuer.balances, offer.denom, offer.amount)
    giveLimitBack(state, offer)
    return
  }
  addTo(receiver.balances, offer.denom, offer.amount)
  const common = {
    at: new Date(end.atMs).toISOString(),
    kind: 'OFFER' as const,
    amount: formatMoney(rules.denominations, offer.amount, offer.denom),
    denom: offer.denom
  }
  writeRow(issuer, { ...common, rowId: `${offer.offerId}-out`, ...sentTo(receiver) })
  writeRow(receiver, { ...common, rowId: `${offer.offerId}-in`, ...receivedFrom(issuer) })
}

export function openMember(
  state: LedgerState,
  rules: Rules,
  given: GivenMember,
  atMs: number
): void {
  const { memberId, phone, firstName, lastName, tier, dailyLimitRemaining = {} } = given
  const { denom } = rules.dailyLimit
  const remaining = dailyLimitRemaining[denom]
  const limit =
    remaining === undefined
      ? null
      : { day: dayOf(atMs), remaining: parsedMoney(rules.denominations, remaining, denom) }
  addNew(state.members, memberId, { memberId, phone, firstName, lastName, tier, limit })
  state.memberIdByPhone.set(phone, memberId)
}

export function openAccount(state: LedgerState, rules: Rules, given: GivenAccount): AccountState {
  const { accountId, handle, name, type, ownerId, defaultDenom, authorisedFor = [] } = given
  const balances = new Map(
    Object.entries(given.balances).map(([denom, amount]) => [
      denom,
      parsedMoney(rules.denominations, amount, denom)
    ])
  )
  const account: AccountState = {
    accountId,
    handle,
    name,
    type,
    ownerId,
    authorisedFor,
    defaultDenom,
    balances,
    rows: [],
    incoming: new Set(),
    outgoing: new Set()
  }
  addNew(state.accounts, accountId, account)
  state.accountIdByHandle.set(handle, accountId)
  return account
}

/** Adds a row; past the bound the oldest one is forgotten. */
export function writeRow(account: AccountState, row: LedgerRow): void {
  account.rows.push(row)
  if (account.rows.length > LEDGER_ROWS_MAX) account.rows.shift()
}

export function addTo(money: Map<string, bigint>, denom: string, units: bigint): void {
  money.set(denom, (money.get(denom) ?? 0n) + units)
}

// Ids come from outside; one that is given out twice must not write over what is there.
function addNew<T>(things: Map<string, T>, id: string, thing: T): void {
  if (things.has(id)) throw new Error(`the ledger has ${id} already`)
  things.set(id, thing)
}

function sentTo({ handle, name }: AccountState): Pick<LedgerRow, 'direction' | 'counterparty'> {
  return { direction: 'OUT', counterparty: { handle, name } }
}

function receivedFrom({
  handle,
  name
}: AccountState): Pick<LedgerRow, 'direction' | 'counterparty'> {
  return { direction: 'IN', counterparty: { handle, name } }
}

/** What is left of a member's daily limit, in units of the limit's denomination. */
export function limitLeft(state: LedgerState, rules: Rules, memberId: string, day: number): bigint {
  const { limit } = mustFind(state.members, memberId)
  if (limit?.day === day) return limit.remaining
  return parsedMoney(rules.denominations, rules.dailyLimit.amount, rules.dailyLimit.denom)
}

export function useLimit(
  state: LedgerState,
  rules: Rules,
  use: { readonly memberId: string; readonly day: number; readonly units: bigint }
): void {
  const remaining = limitLeft(state, rules, use.memberId, use.day) - use.units
  mustFind(state.members, use.memberId).limit = { day: use.day, remaining }
}

// The limit is a day's: what was used of it yesterday does not come back today.
function giveLimitBack(state: LedgerState, offer: OfferState): void {
  if (offer.limit === null) return
  const member = mustFind(state.members, offer.limit.memberId)
  if (member.limit?.day !== offer.limit.day) return
  member.limit = { day: member.limit.day, remaining: member.limit.remaining + offer.amount }
}

function forgetOldSettled(state: LedgerState, rules: Rules): void {
  for (const offerId of state.settled) {
    if (state.settled.size <= rules.bounds.settledOffersMax) return
    state.settled.delete(offerId)
    state.offers.delete(offerId)
  }
}
