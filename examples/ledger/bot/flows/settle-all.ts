import * as t from 'io-ts'
import { back, call, confirm, defineFlow, end, goto, text } from '../../../../lib/flow/index.ts'
import type { acceptAllCall } from '../calls/accept-all.ts'
import { LedgerCore } from '../core.ts'
import { refresh } from './sign-in.ts'
import { spokenAnswers } from './spoken-answers.ts'
import { unreached } from './unreached.ts'

const Data = t.partial({ action: t.literal('acceptAll'), offerIds: t.readonlyArray(t.string) })

/** Accepts all offers that the dashboard counted, with one signature. */
export const settleAllFlow = (acceptAll: ReturnType<typeof acceptAllCall>) =>
  defineFlow(
    { core: LedgerCore, data: Data, name: 'settleAll', stage: 'CREDIT', start: 'confirmAll' },
    {
      confirmAll: confirm({
        prompt: ({ data }) => text('ask.confirmAll', { count: data.offerIds?.length ?? 0 }),
        confirmed: goto('settleAll'),
        cancelled: end(text('ok.cancelled')),
        words: spokenAnswers,
        invalid: text('err.confirm')
      }),
      settleAll: call({
        call: acceptAll,
        signedBy: 'confirmAll',
        input: ({ data }) => ({ offerIds: data.offerIds ?? [] }),
        outcomes: {
          done: ({ accepted, changed }, { core, view }) => {
            const count = view.data.offerIds?.length ?? 0
            const said =
              accepted === count
                ? text('ok.acceptAll', { count })
                : text('ok.acceptAll.partial', { accepted, count, failed: count - accepted })
            return [...refresh(changed, core), end(said)]
          },
          refused: end(text('err.refused'))
        },
        unreachable: ({ known }) => back('confirmAll', unreached(known))
      })
    }
  )
