import * as E from 'fp-ts/lib/Either.js'
import type { AcceptAllResult, OfferRequest, RefusalCode } from '../protocol.ts'
import { limitLeft } from './bookkeeping.ts'
import type { GivenOffer } from './content.ts'
import { offerView } from './dashboard.ts'
import { approve, type Decision, mayActFor, type Refusal, refuse, type Scene } from './decision.ts'
import { formatMoney, type MoneyProblem, parseMoney } from './money.ts'
import { LIMITED_TIER } from './rules.ts'
import { type AccountState, dayOf, mustFind, type OfferState } from './state.ts'

/** Ids in one accept-all. */
const ACCEPT_ALL_MAX = 100

/** Offers money: it leaves the issuer's balance now and waits for the receiver's answer. */
export function decideOffer(scene: Scene, memberId: string, request: OfferRequest): Decision {
  const { state, rules } = scene
  const issuer = state.accounts.get(request.issuer)
  const receiver = state.accounts.get(request.receiver)
  if (issuer === undefined) return refuse('NOT_FOUND', undefined, { field: 'issuer' })
  if (!mayActFor(issuer, memberId)) return refuse('FORBIDDEN', undefined, { field: 'issuer' })
  if (receiver === undefined) return refuse('NOT_FOUND', undefined, { field: 'receiver' })
  if (issuer === receiver) return refuse('SELF')

  const { denom } = request
  const amount = parseMoney(rules.denominations, request.amount, denom)
  if (E.isLeft(amount)) return refuseAmount(amount.left)
  if (amount.right === 0n) return refuseAmount('malformed')
  const units = amount.right
  const obstacle =
    crowded(scene, issuer, receiver) ??
    overLimit(scene, memberId, denom, units) ??
    overBalance(scene, issuer, denom, units)
  if (obstacle !== null) return E.left(obstacle)

  const offer: GivenOffer = {
    offerId: scene.newId('off'),
    issuerAccountId: issuer.accountId,
    receiverAccountId: receiver.accountId,
    amount: formatMoney(rules.denominations, units, denom),
    denom
  }
  const limit = isLimited(scene, memberId, denom) ? { memberId, day: dayOf(scene.nowMs) } : null
  const pending: OfferState = {
    ...offer,
    amount: units,
    createdAtMs: scene.nowMs,
    createdBy: 'member',
    limit,
    status: 'PENDING'
  }
  return approve({
    type: 'OFFER_CREATED',
    details: { offer: offerView(state, rules, pending) },
    memberId,
    changes: [{ type: 'offerCreated', offer, limit }]
  })
}

const SETTLEMENTS = {
  acceptOffer: { status: 'ACCEPTED', type: 'OFFER_ACCEPTED', side: 'receiverAccountId' },
  declineOffer: { status: 'DECLINED', type: 'OFFER_DECLINED', side: 'receiverAccountId' },
  cancelOffer: { status: 'CANCELLED', type: 'OFFER_CANCELLED', side: 'issuerAccountId' }
} as const

export type Settlement = keyof typeof SETTLEMENTS

/** Ends a pending offer: the receiver accepts or declines, the issuer cancels. */
export function decideSettlement(
  scene: Scene,
  memberId: string,
  settlement: Settlement,
  offerId: string
): Decision {
  const { status, type } = SETTLEMENTS[settlement]
  const found = settleable(scene, memberId, settlement, offerId)
  if (E.isLeft(found)) return found
  return approve({
    type,
    details: { offer: offerView(scene.state, scene.rules, found.right, status) },
    memberId,
    changes: [{ type: 'offerSettled', offerId, status }]
  })
}

/**
 * Accepts each offer that can be accepted and says of every id what became of it.
 *
 * `forcedFailures` is for tests: these ids are left pending and reported with the given code.
 */
export function decideAcceptAll(
  scene: Scene,
  memberId: string,
  ids: readonly string[],
  forcedFailures: ReadonlyMap<string, RefusalCode>
): Decision {
  if (ids.length === 0 || ids.length > ACCEPT_ALL_MAX || new Set(ids).size < ids.length) {
    const message = `Send 1 to ${ACCEPT_ALL_MAX} offer ids, each once.`
    return refuse('VALIDATION', message, { field: 'ids' })
  }
  const results = ids.map((offerId): AcceptAllResult => {
    const forced = forcedFailures.get(offerId)
    if (forced !== undefined) return { offerId, accepted: false, code: forced }
    const found = settleable(scene, memberId, 'acceptOffer', offerId)
    if (E.isLeft(found)) return { offerId, accepted: false, code: found.left.code }
    const offer = offerView(scene.state, scene.rules, found.right, 'ACCEPTED')
    return { offerId, accepted: true, offer }
  })
  return approve({
    type: 'OFFERS_ACCEPTED',
    details: { results },
    memberId,
    changes: results
      .filter(({ accepted }) => accepted)
      .map(({ offerId }) => ({ type: 'offerSettled', offerId, status: 'ACCEPTED' }))
  })
}

function settleable(
  { state }: Scene,
  memberId: string,
  settlement: Settlement,
  offerId: string
): E.Either<Refusal, OfferState> {
  const offer = state.offers.get(offerId)
  if (offer === undefined) return refuse('NOT_FOUND')
  const account = mustFind(state.accounts, offer[SETTLEMENTS[settlement].side])
  if (!mayActFor(account, memberId)) return refuse('FORBIDDEN')
  return offer.status === 'PENDING' ? E.right(offer) : refuse('NOT_PENDING')
}

function refuseAmount(problem: MoneyProblem): E.Either<Refusal, never> {
  switch (problem) {
    case 'unknown denomination':
      return refuse('VALIDATION', 'Unknown denomination; use one of the ledger.', {
        field: 'denom'
      })
    case 'too many decimals':
      return refuse('VALIDATION', 'The amount has more decimals than its denomination.', {
        field: 'amount'
      })
    case 'malformed':
      return refuse('VALIDATION', 'The amount must be a decimal above zero, such as "12.50".', {
        field: 'amount'
      })
  }
}

function crowded({ rules }: Scene, issuer: AccountState, receiver: AccountState): Refusal | null {
  const { pendingOffersMax } = rules.bounds
  if (issuer.outgoing.size < pendingOffersMax && receiver.incoming.size < pendingOffersMax) {
    return null
  }
  const message = `An account has at most ${pendingOffersMax} pending offers; settle some first.`
  return { code: 'VALIDATION', message, field: 'receiver' }
}

function overLimit(scene: Scene, memberId: string, denom: string, units: bigint): Refusal | null {
  if (!isLimited(scene, memberId, denom)) return null
  const { state, rules, nowMs } = scene
  const left = limitLeft(state, rules, memberId, dayOf(nowMs))
  if (units <= left) return null
  const remaining = formatMoney(rules.denominations, left, denom)
  const message = 'Above what is left of the daily limit; offer at most that, or upgrade.'
  return { code: 'LIMIT_EXCEEDED', message, denom, remaining }
}

function overBalance(
  { rules }: Scene,
  issuer: AccountState,
  denom: string,
  units: bigint
): Refusal | null {
  const balance = issuer.balances.get(denom) ?? 0n
  if (units <= balance) return null
  const available = formatMoney(rules.denominations, balance, denom)
  const message = 'The account does not hold enough; offer at most what is available.'
  return { code: 'INSUFFICIENT_BALANCE', message, denom, available }
}

function isLimited({ state, rules }: Scene, memberId: string, denom: string): boolean {
  return mustFind(state.members, memberId).tier <= LIMITED_TIER && denom === rules.dailyLimit.denom
}
