import type { Account, Dashboard, Member, Offer, OfferStatus } from '../protocol.ts'
import { limitLeft } from './bookkeeping.ts'
import { formatMoney, scaleOf } from './money.ts'
import { LIMITED_TIER, type Rules } from './rules.ts'
import { type AccountState, dayOf, type LedgerState, mustFind, type OfferState } from './state.ts'

/** What one member sees at `nowMs`: own accounts first, then those of others they may act for. */
export function dashboardOf(
  state: LedgerState,
  rules: Rules,
  memberId: string,
  nowMs: number
): Dashboard {
  const accounts = [...state.accounts.values()]
  const owned = accounts.filter(account => account.ownerId === memberId)
  const authorised = accounts.filter(
    account => account.ownerId !== memberId && account.authorisedFor.includes(memberId)
  )
  return {
    member: memberView(state, rules, memberId, nowMs),
    accounts: [
      ...owned.map(account => accountView(state, rules, account, true)),
      ...authorised.map(account => accountView(state, rules, account, false))
    ]
  }
}

export function memberView(
  state: LedgerState,
  rules: Rules,
  memberId: string,
  nowMs: number
): Member {
  const { tier, firstName, lastName } = mustFind(state.members, memberId)
  const member = { memberId, tier, firstName, lastName }
  if (tier > LIMITED_TIER) return member
  const { denom } = rules.dailyLimit
  if (scaleOf(rules.denominations, denom) === undefined) return member
  const left = formatMoney(
    rules.denominations,
    limitLeft(state, rules, memberId, dayOf(nowMs)),
    denom
  )
  return { ...member, dailyLimitRemaining: { [denom]: left } }
}

/** An offer as both sides see it; `status` is the one it is about to have, when given. */
export function offerView(
  state: LedgerState,
  rules: Rules,
  offer: OfferState,
  status: OfferStatus = offer.status
): Offer {
  const issuer = mustFind(state.accounts, offer.issuerAccountId)
  const receiver = mustFind(state.accounts, offer.receiverAccountId)
  return {
    offerId: offer.offerId,
    issuerAccountId: issuer.accountId,
    issuerHandle: issuer.handle,
    issuerName: issuer.name,
    receiverAccountId: receiver.accountId,
    receiverHandle: receiver.handle,
    receiverName: receiver.name,
    amount: formatMoney(rules.denominations, offer.amount, offer.denom),
    denom: offer.denom,
    status,
    createdAt: new Date(offer.createdAtMs).toISOString()
  }
}

function accountView(
  state: LedgerState,
  rules: Rules,
  account: AccountState,
  owned: boolean
): Account {
  const { accountId, handle, name, type, defaultDenom } = account
  const view = (offerId: string) => offerView(state, rules, mustFind(state.offers, offerId))
  return {
    accountId,
    handle,
    name,
    type,
    owned,
    defaultDenom,
    balances: Object.fromEntries(
      [...account.balances].map(([denom, units]) => [
        denom,
        formatMoney(rules.denominations, units, denom)
      ])
    ),
    incoming: [...account.incoming].map(view),
    outgoing: [...account.outgoing].map(view)
  }
}
