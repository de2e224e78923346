import * as t from 'io-ts'
import {
  back,
  call,
  choose,
  defineFlow,
  end,
  goto,
  type Option,
  say,
  text
} from '../../../../lib/flow/index.ts'
import type { settleOfferCall } from '../calls/settle-offer.ts'
import { Settlement } from '../client/requests.ts'
import { activeAccount, LedgerCore, type LedgerView, type Pending } from '../core.ts'
import { money } from '../money.ts'
import { withoutOffer } from '../snapshot.ts'
import { refresh } from './sign-in.ts'
import { unreached } from './unreached.ts'

const Data = t.partial({ action: Settlement, offerId: t.string })
type Data = t.TypeOf<typeof Data>

/** Accepts, declines or cancels single offers, one after the other; the choice is the signature. */
export const settleFlow = (settleOffer: ReturnType<typeof settleOfferCall>) =>
  defineFlow(
    { core: LedgerCore, data: Data, name: 'settle', stage: 'CREDIT', start: 'pickOffer' },
    {
      pickOffer: choose({
        as: 'list',
        field: 'offerId',
        prompt: ({ data }) => text(`list.offers.${actionOf(data)}`),
        options: ({ core, data }) => [
          ...pendingOf(core, data).offers.map(offerRow),
          { id: 'back', label: text('list.back'), section: text('list.offers') }
        ],
        invalid: text('err.list'),
        next: option => (option === 'back' ? goto({ flow: 'menu' }) : goto('settle'))
      }),
      settle: call({
        call: settleOffer,
        input: ({ data }) => ({ settlement: actionOf(data), offerId: data.offerId ?? '' }),
        outcomes: {
          settled: (changed, { core, view }) => [
            ...refresh(changed, core),
            say(text(`ok.${actionOf(view.data)}`)),
            // While such offers remain, the list of them again; else the menu.
            pendingOf({ ...view.core, cache: changed.dashboard }, view.data).count > 0
              ? goto({ flow: 'settle' }, { action: actionOf(view.data) })
              : goto({ flow: 'menu' })
          ],
          gone: (_output, { core, view }) => [
            core.remember(withoutOffer(view.core.cache, view.data.offerId)),
            end(text('err.offer.gone'))
          ]
        },
        unreachable: ({ known }) => back('pickOffer', unreached(known))
      })
    }
  )

const actionOf = ({ action }: Data): Settlement => action ?? 'accept'

/** The offers that this action is about: cancelling is for one's own. */
export function pendingOf(core: LedgerView, data: Data): Pending {
  const account = activeAccount(core)
  const side = actionOf(data) === 'cancel' ? account?.outgoing : account?.incoming
  return side ?? { count: 0, offers: [] }
}

function offerRow({ offerId, handle, amount, denom }: Pending['offers'][number]): Option {
  return {
    id: offerId,
    label: money(amount, denom),
    description: `@${handle}`,
    section: text('list.offers')
  }
}
