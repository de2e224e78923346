import * as t from 'io-ts'
import {
  AcceptAllAnswer,
  type Dashboard,
  LedgerPageAnswer,
  LoginAnswer,
  OfferAcceptedAnswer,
  OfferCancelledAnswer,
  OfferCreatedAnswer,
  OfferDeclinedAnswer,
  type OfferRequest,
  RegisterAnswer,
  type RegisterRequest,
  ResolveAnswer,
  UpgradeAnswer
} from '../../service/protocol.ts'

/** One request to the ledger, and the codec of what it answers when it says yes. */
export interface LedgerRequest<A> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly answer: t.Decoder<unknown, A>
  /** Needs no token and answers with one. */
  readonly signsIn?: true
}

const post = <A>(path: string, body: object, answer: t.Decoder<unknown, A>): LedgerRequest<A> => ({
  method: 'POST',
  path,
  body,
  answer
})

const settlements = {
  accept: OfferAcceptedAnswer,
  decline: OfferDeclinedAnswer,
  cancel: OfferCancelledAnswer
} as const

interface SettledAnswer {
  readonly dashboard: Dashboard
}

/** How a single pending offer can end. */
export const Settlement = t.keyof(settlements, 'Settlement')
export type Settlement = t.TypeOf<typeof Settlement>

/** Every request that the bot makes. */
export const requests = {
  login: (phone: string) => ({ ...post('/login', { phone }, LoginAnswer), signsIn: true as const }),
  registerMember: (member: RegisterRequest) => ({
    ...post('/members', member, RegisterAnswer),
    signsIn: true as const
  }),
  resolveHandle: (handle: string) => post('/accounts/resolve', { handle }, ResolveAnswer),
  createOffer: (offer: OfferRequest) => post('/offers', offer, OfferCreatedAnswer),
  settleOffer: (settlement: Settlement, offerId: string) =>
    post<SettledAnswer>(
      `/offers/${encodeURIComponent(offerId)}/${settlement}`,
      {},
      settlements[settlement]
    ),
  acceptAll: (ids: readonly string[]) => post('/offers/accept-all', { ids }, AcceptAllAnswer),
  readLedger: (accountId: string, startRow: number, numRows: number) => ({
    method: 'GET' as const,
    path:
      `/accounts/${encodeURIComponent(accountId)}/ledger` +
      `?startRow=${startRow}&numRows=${numRows}`,
    answer: LedgerPageAnswer
  }),
  upgradeTier: (memberId: string, accountId: string) =>
    post(`/members/${encodeURIComponent(memberId)}/upgrade`, { accountId }, UpgradeAnswer)
}
