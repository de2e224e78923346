import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Nothing, Renewed } from './outcome-data.ts'

export const resolveHandleCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'resolveHandle',
    effect: false,
    attempts: config.apiAttempts,
    input: t.strict({ handle: t.string }),
    outcomes: {
      found: t.strict({ accountId: t.string, renewed: Renewed }),
      unknown: Nothing,
      refused: Nothing
    },
    run: asks(ledger, ({ handle }) => requests.resolveHandle(handle), {
      yes: ({ answer, token }) => ({
        outcome: 'found',
        output: { accountId: answer.action.details.accountId, renewed: token }
      }),
      no: { NOT_FOUND: 'unknown', VALIDATION: 'refused' }
    })
  })
