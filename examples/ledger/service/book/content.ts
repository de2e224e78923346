import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { problemsOf } from '../problems.ts'
import { OfferStatus, shape } from '../protocol.ts'
import { type Denominations, parseMoney } from './money.ts'

/** Rows of an account that the ledger keeps; older ones are forgotten. */
export const LEDGER_ROWS_MAX = 1_000

export const GivenMember = shape(
  {
    memberId: t.string,
    phone: t.string,
    firstName: t.string,
    lastName: t.string,
    tier: t.number
  },
  { dailyLimitRemaining: t.record(t.string, t.string) },
  'GivenMember'
)
export type GivenMember = t.TypeOf<typeof GivenMember>

export const GivenAccount = shape(
  {
    accountId: t.string,
    handle: t.string,
    name: t.string,
    type: t.string,
    ownerId: t.string,
    defaultDenom: t.string,
    balances: t.record(t.string, t.string)
  },
  { authorisedFor: t.array(t.string) },
  'GivenAccount'
)
export type GivenAccount = t.TypeOf<typeof GivenAccount>

/** A pending offer brings its own reservation: the issuer's balance is already without it. */
export const GivenOffer = shape(
  {
    offerId: t.string,
    issuerAccountId: t.string,
    receiverAccountId: t.string,
    amount: t.string,
    denom: t.string
  },
  { status: OfferStatus },
  'GivenOffer'
)
export type GivenOffer = t.TypeOf<typeof GivenOffer>

/** What a ledger holds at its beginning; the `given.core` of a transcript is one. */
export const Content = shape(
  {
    members: t.array(GivenMember),
    accounts: t.array(GivenAccount),
    offers: t.array(GivenOffer)
  },
  { ledger: t.record(t.string, t.strict({ rows: t.number })) },
  'Content'
)
export type Content = t.TypeOf<typeof Content>

/** Decodes a content and checks that it agrees with itself; every problem is one line. */
export function decodeContent(
  denominations: Denominations,
  input: unknown
): E.Either<readonly string[], Content> {
  return pipe(
    Content.decode(input),
    E.mapLeft((errors): readonly string[] => problemsOf(errors)),
    E.chain(content => {
      const problems = contradictions(denominations, content)
      return problems.length === 0 ? E.right(content) : E.left(problems)
    })
  )
}

function contradictions(denominations: Denominations, content: Content): string[] {
  const { members, accounts, offers, ledger = {} } = content
  const accountIds = new Set(accounts.map(account => account.accountId))
  return [
    ...repeated(
      'memberId',
      members.map(member => member.memberId)
    ),
    ...repeated(
      'phone',
      members.map(member => member.phone),
      'the phone of two members'
    ),
    ...repeated(
      'accountId',
      accounts.map(account => account.accountId)
    ),
    ...repeated(
      'handle',
      accounts.map(account => account.handle)
    ),
    ...repeated(
      'offerId',
      offers.map(offer => offer.offerId)
    ),
    ...members.flatMap(member => memberProblems(denominations, member)),
    ...accounts.flatMap(account => accountProblems(denominations, account)),
    ...offers.flatMap(offer => offerProblems(denominations, accountIds, offer)),
    ...Object.entries(ledger).flatMap(([accountId, { rows }]) =>
      rowProblems(accountIds, accountId, rows)
    )
  ]
}

export function offerProblems(
  denominations: Denominations,
  accountIds: { has(accountId: string): boolean },
  offer: GivenOffer
): string[] {
  const where = `offer ${offer.offerId}`
  const unknown = [offer.issuerAccountId, offer.receiverAccountId].filter(
    accountId => !accountIds.has(accountId)
  )
  return [
    ...unknown.map(accountId => `${where} names the unknown account ${accountId}`),
    ...moneyProblems(denominations, where, { [offer.denom]: offer.amount })
  ]
}

function memberProblems(denominations: Denominations, member: GivenMember): string[] {
  const where = `member ${member.memberId}`
  const tierIsKnown = Number.isInteger(member.tier) && member.tier >= 1 && member.tier <= 5
  return [
    ...(tierIsKnown ? [] : [`${where}: tier must be a whole number from 1 to 5`]),
    ...moneyProblems(denominations, where, member.dailyLimitRemaining ?? {})
  ]
}

function accountProblems(denominations: Denominations, account: GivenAccount): string[] {
  const where = `account ${account.accountId}`
  return [
    ...(/^[a-z0-9_]{1,30}$/.test(account.handle)
      ? []
      : [`${where}: handle must be 1 to 30 of a-z, 0-9 and _`]),
    ...(Object.hasOwn(denominations, account.defaultDenom)
      ? []
      : [`${where}: defaultDenom is an unknown denomination`]),
    ...moneyProblems(denominations, where, account.balances)
  ]
}

function rowProblems(accountIds: Set<string>, accountId: string, rows: number): string[] {
  if (!accountIds.has(accountId)) return [`ledger names the unknown account ${accountId}`]
  return Number.isInteger(rows) && rows >= 0 && rows <= LEDGER_ROWS_MAX
    ? []
    : [`ledger of ${accountId}: rows must be a whole number from 0 to ${LEDGER_ROWS_MAX}`]
}

function moneyProblems(
  denominations: Denominations,
  where: string,
  money: Readonly<Record<string, string>>
): string[] {
  return Object.entries(money).flatMap(([denom, text]) => {
    const parsed = parseMoney(denominations, text, denom)
    return E.isLeft(parsed) ? [`${where}: ${denom} amount is not usable: ${parsed.left}`] : []
  })
}

// A phone number may not stand in a message, so the caller can say what stands there instead.
function repeated(what: string, values: readonly string[], instead?: string): string[] {
  const seen = new Set<string>()
  const twice = values.filter(value => seen.size === seen.add(value).size)
  return [...new Set(twice)].map(value => `${what} ${instead ?? value} is there twice`)
}
