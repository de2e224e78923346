import * as t from 'io-ts'
import {
  ask,
  back,
  call,
  confirm,
  defineFlow,
  end,
  goto,
  refuse,
  text,
  type View
} from '../../../../lib/flow/index.ts'
import { readAmount } from '../amount.ts'
import type { createOfferCall } from '../calls/create-offer.ts'
import type { resolveHandleCall } from '../calls/resolve-handle.ts'
import type { LedgerBotConfig } from '../config.ts'
import { activeAccount, LedgerCore } from '../core.ts'
import { readHandle } from '../handle.ts'
import { money } from '../money.ts'
import { refresh, renew } from './sign-in.ts'
import { spokenAnswers } from './spoken-answers.ts'
import { unreached } from './unreached.ts'

const Data = t.partial({
  amount: t.string,
  denom: t.string,
  handle: t.string,
  recipientAccountId: t.string
})

type Data = t.TypeOf<typeof Data>
type Seen = View<LedgerCore, Data>

interface OfferParts {
  readonly resolveHandle: ReturnType<typeof resolveHandleCall>
  readonly createOffer: ReturnType<typeof createOfferCall>
  readonly config: LedgerBotConfig
}

/** Offers secured credit to another account: how much, to whom, a signature, done. */
export const offerFlow = ({ resolveHandle, createOffer, config }: OfferParts) =>
  defineFlow(
    { core: LedgerCore, data: Data, name: 'offer', stage: 'CREDIT', start: 'amount' },
    {
      amount: ask({
        fields: ['amount', 'denom'],
        prompt: text('ask.amount'),
        read: (said, { core }) => readAmount(said, config, core),
        next: goto('handle')
      }),
      handle: ask({
        fields: ['handle'],
        prompt: text('ask.handle'),
        read: (said, { core }) => readHandle(said, core),
        next: goto('resolve')
      }),
      resolve: call({
        call: resolveHandle,
        input: ({ data }) => ({ handle: data.handle ?? '' }),
        outcomes: {
          found: ({ accountId, renewed }, { core }) => [
            ...renew(renewed, core),
            goto('confirm', { recipientAccountId: accountId })
          ],
          unknown: refuse('handle', text('err.handle.unknown')),
          refused: refuse('handle', text('err.handle.format'))
        },
        unreachable: back('handle', text('err.core'))
      }),
      confirm: confirm({
        prompt: confirmText,
        confirmed: goto('submit'),
        cancelled: end(text('ok.cancelled')),
        words: spokenAnswers,
        invalid: text('err.confirm')
      }),
      submit: call({
        call: createOffer,
        signedBy: 'confirm',
        input: offerOf,
        outcomes: {
          created: (changed, { core }) => [...refresh(changed, core), end(text('ok.offer'))],
          poor: end(text('refused.balance')),
          overLimit: end(text('refused.limit')),
          self: end(text('err.handle.self')),
          unknown: end(text('err.handle.unknown')),
          refused: end(text('err.refused'))
        },
        unreachable: ({ known }) => back('confirm', unreached(known))
      })
    }
  )

function confirmText({ data: { amount = '', denom = '', handle = '' }, core }: Seen) {
  const from = activeAccount(core)?.handle ?? ''
  return text('ask.confirm', { amount: money(amount, denom), from, to: handle })
}

function offerOf({ data, core }: Seen) {
  const { amount = '', denom = '', recipientAccountId: receiver = '' } = data
  return { issuer: core.account ?? '', receiver, amount, denom }
}
