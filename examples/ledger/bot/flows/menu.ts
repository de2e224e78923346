import { back, call, choose, defineFlow, end, goto, say, text } from '../../../../lib/flow/index.ts'
import type { readLedgerCall } from '../calls/read-ledger.ts'
import { activeAccount, LedgerCore } from '../core.ts'
import { dashboardOptions, dashboardText, type MenuOption } from '../dashboard.ts'
import { pendingOf } from './settle.ts'
import { renew } from './sign-in.ts'

/** The hub: what the member has, and what they can do about it. */
export const menuFlow = (readLedger: ReturnType<typeof readLedgerCall>) =>
  defineFlow(
    { core: LedgerCore, name: 'menu', stage: 'MENU', start: 'dashboard' },
    {
      dashboard: choose({
        as: 'list',
        prompt: ({ core }) => dashboardText(core),
        options: ({ core }) => dashboardOptions(core),
        footer: text('menu.language'),
        invalid: text('err.list'),
        next: (option: MenuOption, { view }) => {
          switch (option) {
            case 'offer':
            case 'upgrade':
              return goto({ flow: option })
            case 'accept':
            case 'decline':
            case 'cancel':
              // A restored prompt may offer what has been settled since.
              return pendingOf(view.core, { action: option }).count === 0
                ? [say(text('empty.offers')), goto({ flow: 'menu' })]
                : goto({ flow: 'settle' }, { action: option })
            case 'acceptAll': {
              const { offers = [], ids } = activeAccount(view.core)?.incoming ?? {}
              const offerIds = ids ?? offers.map(({ offerId }) => offerId)
              return goto({ flow: 'settleAll' }, { action: option, offerIds })
            }
            case 'ledger':
              return goto('openLedger')
            case 'switch':
              return goto({ flow: 'account' })
          }
        }
      }),
      // The first page is read here, so that a ledger out of reach leaves the dashboard open.
      openLedger: call({
        call: readLedger,
        input: ({ core }) => ({ accountId: core.account ?? '', startRow: 0 }),
        outcomes: {
          read: ({ renewed, ...shown }, { core }) => [
            ...renew(renewed, core),
            goto({ flow: 'ledger' }, shown)
          ],
          refused: end(text('err.refused'))
        },
        unreachable: back('dashboard', text('err.core'))
      })
    }
  )
