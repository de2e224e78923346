import { type Option, type Text, text } from '../../../lib/flow/index.ts'
import { activeAccount, type LedgerView, ownedAccounts } from './core.ts'
import { money } from './money.ts'

/** What a member can choose at the dashboard. */
export type MenuOption =
  | 'offer'
  | 'accept'
  | 'decline'
  | 'acceptAll'
  | 'cancel'
  | 'ledger'
  | 'switch'
  | 'upgrade'

/** Members below this tier see what is left of their daily limit. */
const UNLIMITED_TIER = 3
/** Members of this tier may have themselves upgraded. */
const LOWEST_TIER = 1
/** Members of this tier act for many accounts. */
const MANY_ACCOUNTS_TIER = 5

/** The account that the member acts for, with all that is known about it. */
export function dashboardText(core: LedgerView): Text {
  const { member } = core
  const account = activeAccount(core)
  if (member === null || account === null) return text('menu.noAccount')
  const params = {
    firstName: member.firstName,
    handle: account.handle,
    name: account.name,
    balances: amounts(account.balances, '\n'),
    incoming: account.incoming.count,
    outgoing: account.outgoing.count
  }
  const limits = amounts(member.dailyLimitRemaining, ', ')
  return member.tier < UNLIMITED_TIER && limits !== ''
    ? text('menu.limited', { ...params, limits })
    : text('menu.dashboard', params)
}

/** Only what makes sense for this member right now, in the order of use. */
export function dashboardOptions(core: LedgerView): readonly Option<MenuOption>[] {
  const tier = core.member?.tier ?? 0
  const account = activeAccount(core)
  const incoming = account?.incoming.count ?? 0
  const outgoing = account?.outgoing.count ?? 0
  const offered: Readonly<Record<MenuOption, boolean>> = {
    offer: account !== null,
    accept: incoming > 0,
    decline: incoming > 0,
    acceptAll: incoming > 1,
    cancel: outgoing > 0,
    ledger: account !== null,
    switch: account === null || tier === MANY_ACCOUNTS_TIER || ownedAccounts(core).length > 1,
    upgrade: account !== null && tier === LOWEST_TIER
  }
  return ROWS.filter(({ id }) => offered[id])
}

const row = (id: MenuOption, section: Text): Option<MenuOption> => ({
  id,
  label: text(`menu.${id}`),
  description: text(`menu.${id}.about`),
  section
})
const OFFERS = ['offer', 'accept', 'decline', 'acceptAll', 'cancel'] as const
const ACCOUNT = ['ledger', 'switch', 'upgrade'] as const
const ROWS: readonly Option<MenuOption>[] = [
  ...OFFERS.map(id => row(id, text('menu.offers'))),
  ...ACCOUNT.map(id => row(id, text('menu.account')))
]

function amounts(byDenom: Readonly<Record<string, string>>, separator: string): string {
  return Object.entries(byDenom)
    .map(([denom, amount]) => money(amount, denom))
    .join(separator)
}
