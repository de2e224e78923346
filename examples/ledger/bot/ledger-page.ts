import * as t from 'io-ts'
import type { LedgerRow } from '../service/protocol.ts'
import { money } from './money.ts'

/** One page of an account's past as it is shown, newest first. */
export const LedgerPage = t.strict(
  { lines: t.readonlyArray(t.string), hasMore: t.boolean },
  'LedgerPage'
)
export interface LedgerPage extends t.TypeOf<typeof LedgerPage> {}

export function pageOf({
  rows,
  hasMore
}: {
  readonly rows: readonly LedgerRow[]
  readonly hasMore: boolean
}): LedgerPage {
  return { lines: rows.map(lineOf), hasMore }
}

// Without words, so that a line reads the same in every language.
function lineOf({ at, direction, amount, denom, counterparty }: LedgerRow): string {
  const signed = `${direction === 'IN' ? '+' : '-'}${money(amount, denom)}`
  const other = counterparty === null ? '' : ` @${counterparty.handle}`
  return `${at.slice(0, 10)}  ${signed}${other}`
}
