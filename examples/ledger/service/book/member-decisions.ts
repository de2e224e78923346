import type { LedgerRow, RegisterRequest } from '../protocol.ts'
import { memberView } from './dashboard.ts'
import { approve, type Decision, mayActFor, refuse, type Scene } from './decision.ts'
import { formatMoney, parsedMoney, scaleOf } from './money.ts'
import { LIMITED_TIER, UPGRADED_TIER } from './rules.ts'
import { mustFind } from './state.ts'

/** Rows in one ledger page. */
export const PAGE_ROWS_MAX = 50

export function decideLogin({ state }: Scene, phone: string): Decision {
  const memberId = state.memberIdByPhone.get(phone)
  if (memberId === undefined) return refuse('NOT_FOUND', 'No such member; register first.')
  return approve({ type: 'MEMBER_LOGGED_IN', details: { memberId }, memberId, changes: [] })
}

/** Opens a member with one personal account, the start balance and a handle of their own. */
export function decideRegistration(scene: Scene, request: RegisterRequest): Decision {
  const { state, rules, newId } = scene
  const { phone, defaultDenom } = request
  const [firstName, lastName] = [request.firstName.trim(), request.lastName.trim()]
  if (!isName(firstName)) return refuse('VALIDATION', NAME_RULE, { field: 'firstName' })
  if (!isName(lastName)) return refuse('VALIDATION', NAME_RULE, { field: 'lastName' })
  if (scaleOf(rules.denominations, defaultDenom) === undefined) {
    const message = 'Unknown denomination; use one of the ledger.'
    return refuse('VALIDATION', message, { field: 'defaultDenom' })
  }
  if (state.memberIdByPhone.has(phone)) return refuse('ALREADY_EXISTS')

  const memberId = newId('m')
  const member = { memberId, phone, firstName, lastName, tier: LIMITED_TIER }
  const account = {
    accountId: newId('acc'),
    handle: freeHandle(`${firstName}_${lastName}`, handle => state.accountIdByHandle.has(handle)),
    name: `${firstName} ${lastName}`,
    type: 'PERSONAL',
    ownerId: memberId,
    defaultDenom,
    balances: rules.startBalances
  }
  return approve({
    type: 'MEMBER_REGISTERED',
    details: { memberId },
    memberId,
    changes: [{ type: 'memberRegistered', member, account }]
  })
}

export function decideResolve({ state }: Scene, memberId: string, text: string): Decision {
  const handle = text.trim().replace(/^@/, '').toLowerCase()
  if (!/^[a-z0-9_]{1,30}$/.test(handle)) {
    const message = 'A handle has 1 to 30 letters, digits or underscores.'
    return refuse('VALIDATION', message, { field: 'handle' })
  }
  const accountId = state.accountIdByHandle.get(handle)
  if (accountId === undefined) return refuse('NOT_FOUND', 'No account has that handle.')
  const { name } = mustFind(state.accounts, accountId)
  return approve({
    type: 'ACCOUNT_RESOLVED',
    details: { accountId, name, handle },
    memberId,
    changes: []
  })
}

/** Raises a member's tier; the fee is paid from the named account of theirs. */
export function decideUpgrade(
  scene: Scene,
  memberId: string,
  target: { readonly memberId: string; readonly accountId: string }
): Decision {
  const { state, rules, nowMs } = scene
  if (target.memberId !== memberId) return refuse('FORBIDDEN')
  const account = state.accounts.get(target.accountId)
  if (account === undefined) return refuse('NOT_FOUND', undefined, { field: 'accountId' })
  if (account.ownerId !== memberId) return refuse('FORBIDDEN', undefined, { field: 'accountId' })
  if (mustFind(state.members, memberId).tier >= UPGRADED_TIER) return refuse('ALREADY')

  const fee = rules.upgradeFee
  const balance = account.balances.get(fee.denom) ?? 0n
  if (balance < parsedMoney(rules.denominations, fee.amount, fee.denom)) {
    const available = formatMoney(rules.denominations, balance, fee.denom)
    const message = 'The account does not hold the fee of the upgrade.'
    return refuse('INSUFFICIENT_BALANCE', message, { denom: fee.denom, available })
  }
  const member = { ...memberView(state, rules, memberId, nowMs), tier: UPGRADED_TIER }
  delete member.dailyLimitRemaining
  return approve({
    type: 'MEMBER_UPGRADED',
    details: { member },
    memberId,
    changes: [
      {
        type: 'memberUpgraded',
        memberId,
        accountId: account.accountId,
        tier: UPGRADED_TIER,
        fee: { denom: fee.denom, amount: fee.amount }
      }
    ]
  })
}

/** One page of an account's past, newest first. */
export function decideLedgerPage(
  { state }: Scene,
  memberId: string,
  page: { readonly accountId: string; readonly startRow: number; readonly numRows: number }
): Decision {
  const { accountId, startRow, numRows } = page
  const account = state.accounts.get(accountId)
  // One answer for foreign and for unknown accounts: the difference is nobody's business.
  if (account === undefined || !mayActFor(account, memberId)) return refuse('FORBIDDEN')
  const newestFirst: LedgerRow[] = account.rows.toReversed()
  const rows = newestFirst.slice(startRow, startRow + numRows)
  const hasMore = newestFirst.length > startRow + numRows
  return approve({
    type: 'LEDGER_READ',
    details: { accountId, startRow, rows, hasMore },
    memberId,
    changes: []
  })
}

const NAME_RULE = 'A name has 1 to 50 characters and no control characters.'

function isName(text: string): boolean {
  return /^\P{Cc}{1,50}$/u.test(text)
}

/** The first free of `name`, `name_2`, `name_3`, ..., in letters that a handle may have. */
function freeHandle(name: string, isTaken: (handle: string) => boolean): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  const stem = plain === '' ? 'member' : plain
  for (let turn = 1; ; turn += 1) {
    const suffix = turn === 1 ? '' : `_${turn}`
    const handle = stem.slice(0, 30 - suffix.length) + suffix
    if (!isTaken(handle)) return handle
  }
}
