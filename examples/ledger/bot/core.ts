import * as t from 'io-ts'
import { type CoreView, coreOf } from '../../../lib/flow/index.ts'
import { isDecimal } from './money.ts'

const Decimal = new t.Type<string, string, unknown>(
  'Decimal',
  (value): value is string => typeof value === 'string' && isDecimal(value),
  (value, context) =>
    typeof value === 'string' && isDecimal(value) ? t.success(value) : t.failure(value, context),
  t.identity
)

/** Amounts by denomination. */
const Amounts = t.record(t.string, Decimal, 'Amounts')

export const Member = t.strict(
  {
    memberId: t.string,
    tier: t.number,
    firstName: t.string,
    lastName: t.string,
    /** Empty for members without a limit. */
    dailyLimitRemaining: Amounts
  },
  'Member'
)
export interface Member extends t.TypeOf<typeof Member> {}

/** An offer that waits for an answer, with the handle of the other side. */
const PendingOffer = t.strict(
  { offerId: t.string, handle: t.string, amount: Decimal, denom: t.string },
  'PendingOffer'
)

/** The first pending offers in the ledger's order, and how many there are in all. */
export const Pending = t.exact(
  t.intersection([
    t.type({ count: t.number, offers: t.readonlyArray(PendingOffer) }),
    // Of more offers than a list can show: what is accepted all at once.
    t.partial({ ids: t.readonlyArray(t.string) })
  ]),
  'Pending'
)
export interface Pending extends t.TypeOf<typeof Pending> {}

/** An account that the member owns, or may act for. */
export const Account = t.strict(
  {
    accountId: t.string,
    handle: t.string,
    name: t.string,
    owned: t.boolean,
    balances: Amounts,
    incoming: Pending,
    outgoing: Pending
  },
  'Account'
)
export interface Account extends t.TypeOf<typeof Account> {}

/** What the ledger said last, as far as the dialogue needs it: `core.cache`. */
export const Dashboard = t.strict({ accounts: t.readonlyArray(Account) }, 'Dashboard')
export interface Dashboard extends t.TypeOf<typeof Dashboard> {}

export const LedgerCore = coreOf({ member: Member, cache: Dashboard })
export type LedgerCore = t.TypeOf<typeof LedgerCore>

/** The core as steps see it, without the token. */
export type LedgerView = CoreView<LedgerCore>

export function ownedAccounts({ cache }: Pick<LedgerView, 'cache'>): readonly Account[] {
  return cache?.accounts.filter(({ owned }) => owned) ?? []
}

/** The account that the member acts for now; null before one is picked. */
export function activeAccount({
  cache,
  account
}: Pick<LedgerView, 'cache' | 'account'>): Account | null {
  return cache?.accounts.find(({ accountId }) => accountId === account) ?? null
}

/** Who a conversation belongs to, as operators and tests ask; null where nobody is signed in. */
export function identityOf({ member, account }: Pick<LedgerView, 'member' | 'account'>): {
  readonly memberId: string | null
  readonly tier: number | null
  readonly activeAccountId: string | null
} {
  return {
    memberId: member?.memberId ?? null,
    tier: member?.tier ?? null,
    activeAccountId: account
  }
}
