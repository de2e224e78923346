import { call, defineFlow, goto, say, text } from '../../../../lib/flow/index.ts'
import type { loginCall } from '../calls/login.ts'
import { LedgerCore } from '../core.ts'
import { signIn } from './sign-in.ts'

/** Logs the member in by the number that they write from; a greeting always comes here. */
export const loginFlow = (login: ReturnType<typeof loginCall>) =>
  defineFlow(
    { core: LedgerCore, name: 'login', stage: 'AUTH', start: 'login' },
    {
      login: call({
        call: login,
        input: ({ core }) => ({ phone: core.channel.user }),
        outcomes: {
          found: (signedIn, { core, view }) => {
            const { act, account } = signIn(signedIn, core, view.core)
            return [act, goto({ flow: account === null ? 'account' : 'menu' })]
          },
          unknown: (_output, { core }) => [core.signOut(), goto({ flow: 'registration' })]
        },
        unreachable: [say(text('err.core')), goto({ flow: 'init' })]
      })
    }
  )
