import * as t from 'io-ts'
import { defineCall } from '../../../../lib/flow/index.ts'
import { requests } from '../client/requests.ts'
import { asks } from './asks.ts'
import { type CallParts, Changed, changed, Nothing } from './outcome-data.ts'

export const createOfferCall = ({ ledger, config }: CallParts) =>
  defineCall({
    name: 'createOffer',
    effect: true,
    attempts: config.apiAttempts,
    input: t.strict({ issuer: t.string, receiver: t.string, amount: t.string, denom: t.string }),
    outcomes: {
      created: Changed,
      poor: Nothing,
      overLimit: Nothing,
      self: Nothing,
      unknown: Nothing,
      refused: Nothing
    },
    run: asks(ledger, requests.createOffer, {
      yes: answered => ({ outcome: 'created', output: changed(answered) }),
      no: {
        INSUFFICIENT_BALANCE: 'poor',
        LIMIT_EXCEEDED: 'overLimit',
        SELF: 'self',
        NOT_FOUND: 'unknown',
        VALIDATION: 'refused',
        FORBIDDEN: 'refused'
      }
    })
  })
