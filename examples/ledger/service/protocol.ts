import * as t from 'io-ts'

/** The endpoints by the names that faults, logs and transcripts use. */
export const EndpointName = t.keyof(
  {
    login: null,
    registerMember: null,
    resolveHandle: null,
    createOffer: null,
    acceptOffer: null,
    declineOffer: null,
    cancelOffer: null,
    acceptAll: null,
    readLedger: null,
    upgradeTier: null,
    readOperation: null
  },
  'EndpointName'
)
export type EndpointName = t.TypeOf<typeof EndpointName>

/** Why the ledger said no to a request that it understood. */
export const RefusalCode = t.keyof(
  {
    NOT_FOUND: null,
    ALREADY_EXISTS: null,
    VALIDATION: null,
    INSUFFICIENT_BALANCE: null,
    LIMIT_EXCEEDED: null,
    SELF: null,
    NOT_PENDING: null,
    FORBIDDEN: null,
    ALREADY: null
  },
  'RefusalCode'
)
export type RefusalCode = t.TypeOf<typeof RefusalCode>

/** Why a request never reached the ledger's rules; none of these is recorded under a key. */
export const ProtocolErrorCode = t.keyof(
  {
    UNAUTHORIZED: null,
    CONFLICT: null,
    KEY_REQUIRED: null,
    MALFORMED: null,
    TOO_LARGE: null,
    UNKNOWN_PATH: null,
    WRONG_METHOD: null,
    TOO_MANY_REQUESTS: null,
    UNAVAILABLE: null,
    INTERNAL: null
  },
  'ProtocolErrorCode'
)
export type ProtocolErrorCode = t.TypeOf<typeof ProtocolErrorCode>

/** A record with required and optional fields; fields that it does not name are dropped. */
export const shape = <R extends t.Props, O extends t.Props>(
  required: R,
  optional: O,
  name?: string
) => t.exact(t.intersection([t.type(required), t.partial(optional)]), name)

const textLike = (name: string, pattern: RegExp): t.Type<string> =>
  new t.Type<string>(
    name,
    (input): input is string => typeof input === 'string' && pattern.test(input),
    (input, context) =>
      typeof input === 'string' && pattern.test(input)
        ? t.success(input)
        : t.failure(input, context),
    t.identity
  )

/** A member is known by the user id of the channel: digits on WhatsApp, any word on web chat. */
export const Phone = textLike('1 to 128 visible characters without blanks', /^[!-~]{1,128}$/)
const Text = textLike('a text of at most 200 characters', /^[^]{0,200}$/u)
const Id = textLike('an id of 1 to 200 visible characters', /^[!-~]{1,200}$/)

export const LoginRequest = t.strict({ phone: Phone }, 'LoginRequest')
export const RegisterRequest = t.strict(
  { firstName: Text, lastName: Text, phone: Phone, defaultDenom: Text },
  'RegisterRequest'
)
export const ResolveRequest = t.strict({ handle: Text }, 'ResolveRequest')
export const OfferRequest = t.strict(
  { issuer: Id, receiver: Id, amount: Text, denom: Text },
  'OfferRequest'
)
export const AcceptAllRequest = t.strict({ ids: t.array(Id) }, 'AcceptAllRequest')
export const UpgradeRequest = t.strict({ accountId: Id }, 'UpgradeRequest')

export type RegisterRequest = t.TypeOf<typeof RegisterRequest>
export type OfferRequest = t.TypeOf<typeof OfferRequest>

export const OfferStatus = t.keyof(
  { PENDING: null, ACCEPTED: null, DECLINED: null, CANCELLED: null },
  'OfferStatus'
)
export type OfferStatus = t.TypeOf<typeof OfferStatus>

export const Offer = t.strict(
  {
    offerId: t.string,
    issuerAccountId: t.string,
    issuerHandle: t.string,
    issuerName: t.string,
    receiverAccountId: t.string,
    receiverHandle: t.string,
    receiverName: t.string,
    amount: t.string,
    denom: t.string,
    status: OfferStatus,
    createdAt: t.string
  },
  'Offer'
)
export type Offer = t.TypeOf<typeof Offer>

export const Member = shape(
  { memberId: t.string, tier: t.number, firstName: t.string, lastName: t.string },
  { dailyLimitRemaining: t.record(t.string, t.string) },
  'Member'
)
export type Member = t.TypeOf<typeof Member>

/** `owned` is false where the member may act for an account of somebody else. */
export const Account = t.strict(
  {
    accountId: t.string,
    handle: t.string,
    name: t.string,
    type: t.string,
    owned: t.boolean,
    defaultDenom: t.string,
    balances: t.record(t.string, t.string),
    incoming: t.array(Offer),
    outgoing: t.array(Offer)
  },
  'Account'
)
export type Account = t.TypeOf<typeof Account>

/** Everything a member sees at once; balances are what is left after the open offers. */
export const Dashboard = t.strict({ member: Member, accounts: t.array(Account) }, 'Dashboard')
export type Dashboard = t.TypeOf<typeof Dashboard>

const actionOf = <T extends string, D extends t.Mixed>(type: T, details: D) =>
  t.strict({ id: t.string, type: t.literal(type), timestamp: t.string, details }, type)

// A renewed token may ride on every answer; only the two sign-in answers must bring one.
const signInAnswer = <A extends t.Mixed>(action: A) =>
  t.strict({ action, dashboard: Dashboard, token: t.string })
const changeAnswer = <A extends t.Mixed>(action: A) =>
  shape({ action, dashboard: Dashboard }, { token: t.string })
const readAnswer = <A extends t.Mixed>(action: A) => shape({ action }, { token: t.string })

const SignedIn = t.strict({ memberId: t.string })
const OneOffer = t.strict({ offer: Offer })

export const LoginAnswer = signInAnswer(actionOf('MEMBER_LOGGED_IN', SignedIn))
export const RegisterAnswer = signInAnswer(actionOf('MEMBER_REGISTERED', SignedIn))
export const ResolveAnswer = readAnswer(
  actionOf('ACCOUNT_RESOLVED', t.strict({ accountId: t.string, name: t.string, handle: t.string }))
)
export const OfferCreatedAnswer = changeAnswer(actionOf('OFFER_CREATED', OneOffer))
export const OfferAcceptedAnswer = changeAnswer(actionOf('OFFER_ACCEPTED', OneOffer))
export const OfferDeclinedAnswer = changeAnswer(actionOf('OFFER_DECLINED', OneOffer))
export const OfferCancelledAnswer = changeAnswer(actionOf('OFFER_CANCELLED', OneOffer))

/** One id of accept-all: what became of it, with the reason when it was not accepted. */
export const AcceptAllResult = shape(
  { offerId: t.string, accepted: t.boolean },
  { code: RefusalCode, offer: Offer },
  'AcceptAllResult'
)
export type AcceptAllResult = t.TypeOf<typeof AcceptAllResult>
export const AcceptAllAnswer = changeAnswer(
  actionOf('OFFERS_ACCEPTED', t.strict({ results: t.array(AcceptAllResult) }))
)

export const LedgerRow = t.strict(
  {
    rowId: t.string,
    at: t.string,
    kind: t.keyof({ OFFER: null, OPENING: null, UPGRADE: null }),
    direction: t.keyof({ IN: null, OUT: null }),
    amount: t.string,
    denom: t.string,
    counterparty: t.union([t.strict({ handle: t.string, name: t.string }), t.null])
  },
  'LedgerRow'
)
export type LedgerRow = t.TypeOf<typeof LedgerRow>
export const LedgerPageAnswer = readAnswer(
  actionOf(
    'LEDGER_READ',
    t.strict({
      accountId: t.string,
      startRow: t.number,
      rows: t.array(LedgerRow),
      hasMore: t.boolean
    })
  )
)
export const UpgradeAnswer = changeAnswer(actionOf('MEMBER_UPGRADED', t.strict({ member: Member })))

/** Any success as it was recorded; the codecs above know the details of each type. */
const Action = t.strict(
  { id: t.string, type: t.string, timestamp: t.string, details: t.UnknownRecord },
  'Action'
)

/** The message says what to do; the optional fields let a client say it in its own words. */
export const LedgerError = shape(
  { code: t.union([RefusalCode, ProtocolErrorCode]), message: t.string },
  { field: t.string, denom: t.string, available: t.string, remaining: t.string },
  'LedgerError'
)
export type LedgerError = t.TypeOf<typeof LedgerError>
export const ErrorAnswer = t.strict({ error: LedgerError }, 'ErrorAnswer')

export const Outcome = t.union([t.strict({ action: Action }), ErrorAnswer], 'Outcome')
export type Outcome = t.TypeOf<typeof Outcome>

/** `outcome` is null when nothing is recorded under the key, or it is somebody else's. */
export const OperationAnswer = readAnswer(
  actionOf('OPERATION_READ', t.strict({ key: t.string, outcome: t.union([Outcome, t.null]) }))
)
