import { back, call, confirm, defineFlow, end, goto, text } from '../../../../lib/flow/index.ts'
import type { upgradeTierCall } from '../calls/upgrade-tier.ts'
import { LedgerCore } from '../core.ts'
import { refresh } from './sign-in.ts'
import { spokenAnswers } from './spoken-answers.ts'
import { unreached } from './unreached.ts'

/** Raises the member's tier for a fee from the active account. */
export const upgradeFlow = (upgradeTier: ReturnType<typeof upgradeTierCall>) =>
  defineFlow(
    { core: LedgerCore, name: 'upgrade', stage: 'ACCOUNT', start: 'confirmUpgrade' },
    {
      confirmUpgrade: confirm({
        prompt: text('ask.upgrade'),
        confirmed: goto('upgrade'),
        cancelled: end(text('ok.cancelled')),
        words: spokenAnswers,
        invalid: text('err.confirm')
      }),
      upgrade: call({
        call: upgradeTier,
        signedBy: 'confirmUpgrade',
        input: ({ core }) => ({
          memberId: core.member?.memberId ?? '',
          accountId: core.account ?? ''
        }),
        outcomes: {
          upgraded: (changed, { core }) => [...refresh(changed, core), end(text('ok.upgrade'))],
          poor: end(text('err.upgrade.balance')),
          already: end(text('err.upgrade.already')),
          refused: end(text('err.refused'))
        },
        unreachable: ({ known }) => back('confirmUpgrade', unreached(known))
      })
    }
  )
