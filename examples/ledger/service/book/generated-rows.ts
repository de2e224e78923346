import type { LedgerRow } from '../protocol.ts'
import { formatMoney } from './money.ts'
import type { Rules } from './rules.ts'
import type { AccountState, LedgerState } from './state.ts'

/** Past entries for the ledger pages of a content, oldest first, one an hour; no balance moves. */
export function generatedRows(
  state: LedgerState,
  rules: Rules,
  account: AccountState,
  { rows, atMs }: { readonly rows: number; readonly atMs: number }
): LedgerRow[] {
  const others = [...state.accounts.values()].filter(other => other !== account)
  return Array.from({ length: rows }, (_, index) => {
    const other = others[index % others.length]
    return {
      rowId: `${account.accountId}-past-${index + 1}`,
      at: new Date(atMs - (rows - index) * 3_600_000).toISOString(),
      kind: 'OFFER',
      direction: index % 2 === 0 ? 'IN' : 'OUT',
      amount: formatMoney(rules.denominations, BigInt(index + 1) * 100n, account.defaultDenom),
      denom: account.defaultDenom,
      counterparty: other === undefined ? null : { handle: other.handle, name: other.name }
    }
  })
}
