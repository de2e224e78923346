import type { Core, Token } from '../conversation/record.ts'
import { fail } from '../kernel/failure.ts'
import { Secret } from '../kernel/secret.ts'
import type { CoreHands, SignedIn } from './core-hands.ts'
import { frozen } from './frozen.ts'

type Accessor = (core: Core, value: never, nowMs: number) => Core

/**
 * What each accessor does to the core: the only place that writes one.
 *
 * Fails with `CHP_DECISION_INVALID` for an empty token or a value of the wrong kind.
 */
export const accessors: Readonly<Record<keyof CoreHands<Core>, Accessor>> = {
  signIn: (core, { token, member, account, cache }: SignedIn<Core>, nowMs) => ({
    ...core,
    token: tokenOf(token, 0, nowMs),
    member: frozen(member),
    account: account === undefined ? core.account : account,
    cache: cache === undefined ? core.cache : frozen(cache)
  }),
  refreshToken: (core, token: Secret | string, nowMs) => ({
    ...core,
    token: tokenOf(token, (core.token?.refreshes ?? 0) + 1, nowMs)
  }),
  signOut: signedOut,
  changeMember: (core, member: unknown) => ({ ...core, member: frozen(member) }),
  chooseAccount: (core, account: string) => ({ ...core, account: textOf('account', account) }),
  remember: (core, cache: unknown) => ({ ...core, cache: frozen(cache) }),
  useLocale: (core, locale: string) => ({ ...core, locale: textOf('locale', locale) })
}

/** The core without member, account, token and cache; the same core when it has none of them. */
export function signedOut(core: Core): Core {
  const { member, account, token, cache } = core
  return member === null && account === null && token === null && cache === null
    ? core
    : { ...core, member: null, account: null, token: null, cache: null }
}

function tokenOf(token: Secret | string, refreshes: number, nowMs: number): Token {
  const value = typeof token === 'string' ? Secret.of(token) : token
  if (!(value instanceof Secret) || value.reveal() === '')
    fail('CHP_DECISION_INVALID', 'core.token: an empty token cannot be set.')
  return Object.freeze({ value, refreshes, setAt: nowMs })
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    fail('CHP_DECISION_INVALID', `core.${name}: expected a text that is not empty.`)
  return value
}
