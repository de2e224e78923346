import * as t from 'io-ts'
import {
  back,
  call,
  choose,
  defineFlow,
  end,
  goto,
  type Option,
  text
} from '../../../../lib/flow/index.ts'
import type { readLedgerCall } from '../calls/read-ledger.ts'
import type { LedgerBotConfig } from '../config.ts'
import { activeAccount, LedgerCore } from '../core.ts'
import { LedgerPage } from '../ledger-page.ts'
import { renew } from './sign-in.ts'

const Data = t.partial({
  startRow: t.number,
  page: LedgerPage,
  /** Where to from this page; only while the next one is read. */
  turn: t.string
})
type Data = t.TypeOf<typeof Data>

/** Pages through what happened in the active account; begins with a page that was read. */
export const ledgerFlow = (
  readLedger: ReturnType<typeof readLedgerCall>,
  { ledgerPageSize }: LedgerBotConfig
) =>
  defineFlow(
    { core: LedgerCore, data: Data, name: 'ledger', stage: 'ACCOUNT', start: 'ledger' },
    {
      ledger: choose({
        field: 'turn',
        prompt: ({ core, data }) => {
          const lines = data.page?.lines ?? []
          const handle = activeAccount(core)?.handle ?? ''
          return lines.length === 0
            ? text('ledger.empty', { handle })
            : text('ledger.page', { handle, lines: lines.join('\n') })
        },
        options: ({ data }) => pageOptions(data),
        invalid: text('err.ledger'),
        next: option => (option === 'dashboard' ? goto({ flow: 'menu' }) : goto('readLedger'))
      }),
      readLedger: call({
        call: readLedger,
        input: ({ core, data }) => ({
          accountId: core.account ?? '',
          startRow: nextStart(data, ledgerPageSize)
        }),
        outcomes: {
          read: ({ renewed, ...shown }, { core }) => [
            ...renew(renewed, core),
            goto({ flow: 'ledger' }, shown)
          ],
          refused: end(text('err.refused'))
        },
        unreachable: back('ledger', text('err.core'))
      })
    }
  )

function pageOptions({
  startRow = 0,
  page
}: Data): readonly Option<'prev' | 'next' | 'dashboard'>[] {
  return [
    ...(startRow > 0 ? [{ id: 'prev', label: text('ledger.prev') } as const] : []),
    ...(page?.hasMore === true ? [{ id: 'next', label: text('ledger.next') } as const] : []),
    { id: 'dashboard', label: text('ledger.dashboard') }
  ]
}

function nextStart({ startRow = 0, turn }: Data, pageSize: number): number {
  return turn === 'prev' ? Math.max(0, startRow - pageSize) : startRow + pageSize
}
