import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { LedgerPage, pageOf } from '../ledger-page.ts'
import { asks } from './asks.ts'
import { type CallParts, Nothing, Renewed } from './outcome-data.ts'

export const readLedgerCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'readLedger',
    effect: false,
    attempts: config.apiAttempts,
    input: t.strict({ accountId: t.string, startRow: t.number }),
    outcomes: {
      read: t.strict({ startRow: t.number, page: LedgerPage, renewed: Renewed }),
      refused: Nothing
    },
    run: asks(
      ledger,
      ({ accountId, startRow }) => requests.readLedger(accountId, startRow, config.ledgerPageSize),
      {
        yes: ({ answer, token }) => {
          const { startRow, ...page } = answer.action.details
          return { outcome: 'read', output: { startRow, page: pageOf(page), renewed: token } }
        },
        no: { FORBIDDEN: 'refused', VALIDATION: 'refused' }
      }
    )
  })
