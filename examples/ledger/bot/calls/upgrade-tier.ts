import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Changed, changed, Nothing } from './outcome-data.ts'

export const upgradeTierCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'upgradeTier',
    effect: true,
    attempts: config.apiAttempts,
    input: t.strict({ memberId: t.string, accountId: t.string }),
    outcomes: { upgraded: Changed, poor: Nothing, already: Nothing, refused: Nothing },
    run: asks(ledger, ({ memberId, accountId }) => requests.upgradeTier(memberId, accountId), {
      yes: answered => ({ outcome: 'upgraded', output: changed(answered) }),
      no: {
        INSUFFICIENT_BALANCE: 'poor',
        ALREADY: 'already',
        FORBIDDEN: 'refused',
        NOT_FOUND: 'refused',
        VALIDATION: 'refused'
      }
    })
  })
