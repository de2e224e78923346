import type { Core } from '../conversation/record.ts'
import type { Secret } from '../kernel/secret.ts'
import type { CoreAct } from './action.ts'
import type { View } from './view.ts'

/** What is known of a member after a login or a registration. */
export interface SignedIn<C extends Core> {
  /** Never empty: an empty token is refused by name. */
  readonly token: Secret | string
  readonly member: NonNullable<C['member']>
  /** The active account; unset keeps the one there is. */
  readonly account?: string | null
  /** What the outside service said; unset keeps what there is. */
  readonly cache?: NonNullable<C['cache']>
}

/** Choices a member may make about the core. */
export interface ChoiceHands<C extends Core> {
  chooseAccount(account: string): CoreAct<C>
  useLocale(locale: string): CoreAct<C>
}

/**
 * The only ways to write the core; each gives an action to return, nothing is written by calling.
 *
 * Given to the outcomes of calls.
 */
export interface CoreHands<C extends Core> extends ChoiceHands<C> {
  signIn(signedIn: SignedIn<C>): CoreAct<C>
  /** Replaces the token and counts the refresh. */
  refreshToken(token: Secret | string): CoreAct<C>
  /** Drops member, account, token and cache. */
  signOut(): CoreAct<C>
  /** Replaces the member, as after an upgrade. */
  changeMember(member: NonNullable<C['member']>): CoreAct<C>
  /** Keeps what the outside service said last. */
  remember(cache: NonNullable<C['cache']>): CoreAct<C>
}

/** What the outcome of a call is given besides its output. */
export interface Hands<C extends Core, D> {
  readonly core: CoreHands<C>
  readonly view: View<C, D>
}

type Made = (value?: unknown) => CoreAct<never>

const maker =
  (name: keyof CoreHands<Core>): Made =>
  (value = null) =>
    Object.freeze({ kind: 'core', act: name, value })

const chooseAccount = maker('chooseAccount')
const useLocale = maker('useLocale')

/** The accessors; they hold no state, so one set serves every bot. */
export const coreHands: CoreHands<Core> = Object.freeze({
  signIn: maker('signIn'),
  refreshToken: maker('refreshToken'),
  signOut: maker('signOut'),
  changeMember: maker('changeMember'),
  remember: maker('remember'),
  chooseAccount,
  useLocale
})

/** The part of the accessors that a choice is given. */
export const choiceHands: ChoiceHands<Core> = Object.freeze({ chooseAccount, useLocale })
