import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Changed, changed, Nothing } from './outcome-data.ts'

export const acceptAllCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'acceptAll',
    effect: true,
    attempts: config.apiAttempts,
    input: t.strict({ offerIds: t.readonlyArray(t.string) }),
    outcomes: {
      done: t.strict({ accepted: t.number, changed: Changed }),
      refused: Nothing
    },
    run: asks(ledger, ({ offerIds }) => requests.acceptAll(offerIds), {
      yes: answered => ({
        outcome: 'done',
        output: {
          accepted: answered.answer.action.details.results.filter(one => one.accepted).length,
          changed: changed(answered)
        }
      }),
      no: { VALIDATION: 'refused' }
    })
  })
