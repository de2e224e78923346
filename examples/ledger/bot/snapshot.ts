import type * as Protocol from '../service/protocol.ts'
import { type Account, Dashboard, Member, type Pending } from './core.ts'

/** What an answer of the ledger says about the member, as the core keeps it. */
export interface Snapshot {
  readonly member: Member
  readonly dashboard: Dashboard
}

/** As many offers as a list of ten rows can show beside its way back. */
export const OFFERS_KEPT = 9
/** As many offers as are accepted with one signature. */
export const IDS_KEPT = 50
/** As many accounts as a list can show. */
export const ACCOUNTS_KEPT = 10

/**
 * Keeps of a dashboard what the dialogue needs, within bounds: a record has 64 KB.
 *
 * Null for one without an account of the member's own, or with an amount that is none: such an
 * answer is a broken one, and a broken answer must never replace what is known.
 */
export function snapshotOf({ member, accounts }: Protocol.Dashboard): Snapshot | null {
  const snapshot = {
    member: {
      memberId: member.memberId,
      tier: member.tier,
      firstName: member.firstName,
      lastName: member.lastName,
      dailyLimitRemaining: member.dailyLimitRemaining ?? {}
    },
    dashboard: { accounts: accounts.slice(0, ACCOUNTS_KEPT).map(accountOf) }
  }
  const sound = Member.is(snapshot.member) && Dashboard.is(snapshot.dashboard)
  return sound && snapshot.dashboard.accounts.some(({ owned }) => owned) ? snapshot : null
}

/** What is known, less an offer that turned out to be gone. */
export function withoutOffer(dashboard: Dashboard | null, offerId: string | undefined): Dashboard {
  const less = ({ count, offers, ids }: Pending): Pending => {
    const left = offers.filter(offer => offer.offerId !== offerId)
    const rest = { count: count - (offers.length - left.length), offers: left }
    return ids === undefined ? rest : { ...rest, ids: ids.filter(id => id !== offerId) }
  }
  const accounts = dashboard?.accounts ?? []
  return {
    accounts: accounts.map(account => ({
      ...account,
      incoming: less(account.incoming),
      outgoing: less(account.outgoing)
    }))
  }
}

function accountOf(account: Protocol.Account): Account {
  const { accountId, handle, name, owned, balances, incoming, outgoing } = account
  return {
    accountId,
    handle,
    name,
    owned,
    balances,
    incoming: pendingOf(incoming, ({ issuerHandle }) => issuerHandle),
    outgoing: pendingOf(outgoing, ({ receiverHandle }) => receiverHandle)
  }
}

function pendingOf(
  offers: readonly Protocol.Offer[],
  otherSide: (offer: Protocol.Offer) => string
): Pending {
  return {
    count: offers.length,
    offers: offers.slice(0, OFFERS_KEPT).map(offer => ({
      offerId: offer.offerId,
      handle: otherSide(offer),
      amount: offer.amount,
      denom: offer.denom
    })),
    ...(offers.length > OFFERS_KEPT && {
      ids: offers.slice(0, IDS_KEPT).map(({ offerId }) => offerId)
    })
  }
}
