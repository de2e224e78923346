import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests, Settlement } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Changed, changed, Nothing } from './outcome-data.ts'

export const settleOfferCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'settleOffer',
    effect: true,
    attempts: config.apiAttempts,
    input: t.strict({ settlement: Settlement, offerId: t.string }),
    outcomes: { settled: Changed, gone: Nothing },
    run: asks(ledger, ({ settlement, offerId }) => requests.settleOffer(settlement, offerId), {
      yes: answered => ({ outcome: 'settled', output: changed(answered) }),
      // Not pending, not there, not one's own: to the member it is gone all the same.
      no: { NOT_PENDING: 'gone', NOT_FOUND: 'gone', FORBIDDEN: 'gone' }
    })
  })
