import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Nothing, SignedIn, signedIn } from './outcome-data.ts'

export const loginCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'login',
    effect: false,
    attempts: config.apiAttempts,
    input: t.strict({ phone: t.string }),
    outcomes: { found: SignedIn, unknown: Nothing },
    run: asks(ledger, ({ phone }) => requests.login(phone), {
      yes: answered => ({ outcome: 'found', output: signedIn(answered) }),
      no: { NOT_FOUND: 'unknown' }
    })
  })
