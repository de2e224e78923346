import { choose, defineFlow, goto, text } from '../../../../lib/flow/index.ts'
import { LedgerCore, ownedAccounts } from '../core.ts'

/** Lets a member with several accounts say for which one they act from now on. */
export const accountFlow = defineFlow(
  { core: LedgerCore, name: 'account', stage: 'ACCOUNT', start: 'pickAccount' },
  {
    pickAccount: choose({
      as: 'list',
      prompt: text('pick.account'),
      options: ({ core }) =>
        ownedAccounts(core).map(({ accountId, handle, name }) => ({
          id: accountId,
          label: shortened(`@${handle}`, 24),
          description: shortened(name, 72),
          section: text('pick.accounts')
        })),
      invalid: text('err.list'),
      next: (accountId, { core }) => [core.chooseAccount(accountId), goto({ flow: 'menu' })]
    })
  }
)

/** A list row takes only so many characters; what is cut off is marked. */
function shortened(label: string, most: number): string {
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`
}
