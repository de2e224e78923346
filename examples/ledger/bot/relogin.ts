import type { Relogin } from '../../../lib/conversation/program.ts'
import { SignedIn } from './calls/outcome-data.ts'
import type { LedgerCore } from './core.ts'

/** How a refused token is renewed while a call runs: by a login for the member who began it. */
export const relogin: Relogin<LedgerCore> = {
  call: 'login',
  input: ({ channel }) => ({ phone: channel.user }),
  token: ({ outcome, output }) => {
    if (outcome === 'unknown') return 'memberUnknown'
    return outcome === 'found' && SignedIn.is(output) ? output.token : null
  }
}
