import * as t from 'io-ts'
import {
  accept,
  ask,
  back,
  call,
  choose,
  defineFlow,
  goto,
  type Hands,
  reject,
  say,
  text
} from '../../../../lib/flow/index.ts'
import type { loginCall } from '../calls/login.ts'
import type { SignedIn } from '../calls/outcome-data.ts'
import type { registerMemberCall } from '../calls/register-member.ts'
import { LedgerCore } from '../core.ts'
import { signIn } from './sign-in.ts'
import { unreached } from './unreached.ts'

const Data = t.partial({ firstName: t.string, lastName: t.string })
type Data = t.TypeOf<typeof Data>

// Counted in code points, as the ledger counts: an accented letter is one.
const NAME = /^\P{Cc}{3,50}$/u

const badName = reject(text('err.name'))

/** Makes a member of somebody whom the ledger does not know. */
export const registrationFlow = (
  register: ReturnType<typeof registerMemberCall>,
  login: ReturnType<typeof loginCall>
) =>
  defineFlow(
    { core: LedgerCore, data: Data, name: 'registration', stage: 'REGISTRATION', start: 'welcome' },
    {
      welcome: choose({
        prompt: text('reg.welcome'),
        options: [{ id: 'join', label: text('reg.join') }],
        footer: text('menu.language'),
        next: { join: goto('firstName') },
        invalid: text('err.button')
      }),
      firstName: ask({
        fields: ['firstName'],
        prompt: text('reg.askFirst'),
        read: said => (NAME.test(said) ? accept({ firstName: said }) : badName),
        next: goto('lastName')
      }),
      lastName: ask({
        fields: ['lastName'],
        prompt: text('reg.askLast'),
        read: said => (NAME.test(said) ? accept({ lastName: said }) : badName),
        next: goto('submit')
      }),
      submit: call({
        call: register,
        input: ({ core, data }) => ({
          phone: core.channel.user,
          firstName: data.firstName ?? '',
          lastName: data.lastName ?? ''
        }),
        outcomes: {
          registered: welcomed,
          // An answer was lost before, and this is the second try: the account is there.
          known: goto('login'),
          refused: [say(text('err.name')), goto('firstName')]
        },
        unreachable: ({ known }) => back('lastName', unreached(known))
      }),
      login: call({
        call: login,
        input: ({ core }) => ({ phone: core.channel.user }),
        outcomes: {
          found: welcomed,
          unknown: back('lastName', text('err.core'))
        },
        unreachable: back('lastName', text('err.core'))
      })
    }
  )

function welcomed(signedIn: SignedIn, { core, view }: Hands<LedgerCore, Data>) {
  const { act } = signIn(signedIn, core, view.core)
  return [act, say(text('reg.done')), goto({ flow: 'menu' })] as const
}
