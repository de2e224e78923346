import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Nothing, SignedIn, signedIn } from './outcome-data.ts'

export const registerMemberCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'registerMember',
    effect: true,
    attempts: config.apiAttempts,
    input: t.strict({ phone: t.string, firstName: t.string, lastName: t.string }),
    outcomes: { registered: SignedIn, known: Nothing, refused: Nothing },
    run: asks(
      ledger,
      member => requests.registerMember({ ...member, defaultDenom: config.defaultDenomination }),
      {
        yes: answered => ({ outcome: 'registered', output: signedIn(answered) }),
        no: { ALREADY_EXISTS: 'known', VALIDATION: 'refused' }
      }
    )
  })
