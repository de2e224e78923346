import {
  addTo,
  endOffer,
  openAccount,
  openMember,
  placeOffer,
  useLimit,
  writeRow
} from './bookkeeping.ts'
import type { Change, Commit } from './commit.ts'
import type { Content } from './content.ts'
import { generatedRows } from './generated-rows.ts'
import { parsedMoney } from './money.ts'
import type { Rules } from './rules.ts'
import { type Effects, emptyState, type LedgerState, mustFind } from './state.ts'

type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

/**
 * The only place that changes the state: live, and when the journal is replayed.
 *
 * Deterministic. Throws when the commit does not fit the state, which only a damaged or foreign
 * journal can cause: what is decided here fits.
 */
export function applyCommit(state: LedgerState, rules: Rules, commit: Commit): void {
  for (const change of commit.changes) {
    applyChange(state, rules, change, commit.atMs)
    const effect = effectOf(change)
    if (commit.by === 'member' && effect !== null) state.effects[effect] += 1
  }
  if (commit.operation === null) return
  forgetOldOperations(state, rules, commit.atMs)
  state.operations.set(commit.operation.key, { ...commit.operation, atMs: commit.atMs })
}

function applyChange(state: LedgerState, rules: Rules, change: Change, atMs: number): void {
  switch (change.type) {
    case 'contentLoaded':
      return loadContent(state, rules, change.content, atMs)
    case 'memberRegistered':
      return registerMember(state, rules, change, atMs)
    case 'offerCreated':
      return createOffer(state, rules, change, atMs)
    case 'offerAdded':
      placeOffer(state, rules, change.offer, {
        createdAtMs: atMs,
        createdBy: 'control',
        limit: null
      })
      return
    case 'offerSettled':
      return endOffer(state, rules, mustFind(state.offers, change.offerId), {
        status: change.status,
        atMs
      })
    case 'memberUpgraded':
      return upgradeMember(state, rules, change, atMs)
  }
}

// A new content is a new beginning: what was recorded before speaks of things that are gone.
function loadContent(state: LedgerState, rules: Rules, content: Content, atMs: number): void {
  const { effects, ...collections } = state
  for (const collection of Object.values(collections)) collection.clear()
  Object.assign(effects, emptyState().effects)
  for (const member of content.members) openMember(state, rules, member, atMs)
  for (const account of content.accounts) openAccount(state, rules, account)
  for (const offer of content.offers) {
    placeOffer(state, rules, offer, { createdAtMs: atMs, createdBy: 'content', limit: null })
  }
  for (const [accountId, { rows }] of Object.entries(content.ledger ?? {})) {
    const account = mustFind(state.accounts, accountId)
    for (const row of generatedRows(state, rules, account, { rows, atMs })) writeRow(account, row)
  }
}

function registerMember(
  state: LedgerState,
  rules: Rules,
  { member, account }: ChangeOf<'memberRegistered'>,
  atMs: number
): void {
  openMember(state, rules, member, atMs)
  const opened = openAccount(state, rules, account)
  for (const [denom, amount] of Object.entries(account.balances)) {
    writeRow(opened, {
      rowId: `${account.accountId}-opening-${denom}`,
      at: new Date(atMs).toISOString(),
      kind: 'OPENING',
      direction: 'IN',
      amount,
      denom,
      counterparty: null
    })
  }
}

function createOffer(
  state: LedgerState,
  rules: Rules,
  { offer: given, limit }: ChangeOf<'offerCreated'>,
  atMs: number
): void {
  const origin = { createdAtMs: atMs, createdBy: 'member', limit } as const
  const offer = placeOffer(state, rules, given, origin)
  addTo(mustFind(state.accounts, offer.issuerAccountId).balances, offer.denom, -offer.amount)
  if (limit !== null) useLimit(state, rules, { ...limit, units: offer.amount })
}

function upgradeMember(
  state: LedgerState,
  rules: Rules,
  { memberId, accountId, tier, fee }: ChangeOf<'memberUpgraded'>,
  atMs: number
): void {
  const account = mustFind(state.accounts, accountId)
  const units = parsedMoney(rules.denominations, fee.amount, fee.denom)
  mustFind(state.members, memberId).tier = tier
  addTo(account.balances, fee.denom, -units)
  addTo(state.feesTaken, fee.denom, units)
  writeRow(account, {
    rowId: `${accountId}-upgrade-${tier}`,
    at: new Date(atMs).toISOString(),
    kind: 'UPGRADE',
    direction: 'OUT',
    amount: fee.amount,
    denom: fee.denom,
    counterparty: null
  })
}

function effectOf(change: Change): keyof Effects | null {
  switch (change.type) {
    case 'memberRegistered':
      return 'membersCreated'
    case 'offerCreated':
      return 'offersCreated'
    case 'memberUpgraded':
      return 'upgrades'
    case 'offerSettled':
      return EFFECT_OF_STATUS[change.status]
    default:
      return null
  }
}

const EFFECT_OF_STATUS = {
  ACCEPTED: 'offersAccepted',
  DECLINED: 'offersDeclined',
  CANCELLED: 'offersCancelled'
} as const

function forgetOldOperations(state: LedgerState, rules: Rules, nowMs: number): void {
  for (const { key, atMs } of state.operations.values()) {
    if (nowMs - atMs <= rules.bounds.operationsKeptMs) return
    state.operations.delete(key)
  }
}
