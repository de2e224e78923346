import type { CoreAct, CoreHands } from '../../../../lib/flow/index.ts'
import type { Changed, SignedIn } from '../calls/outcome-data.ts'
import type { LedgerCore, LedgerView } from '../core.ts'

/**
 * Signs a member in, with the account that they act for from now on.
 *
 * The one that was active stays so while it is still theirs to use; else a single owned account is
 * taken; with several, null: the member picks.
 */
export function signIn(
  { token, member, dashboard }: SignedIn,
  core: CoreHands<LedgerCore>,
  before: Pick<LedgerView, 'account'>
): { readonly act: CoreAct<LedgerCore>; readonly account: string | null } {
  const owned = dashboard.accounts.filter(account => account.owned)
  const kept = owned.find(({ accountId }) => accountId === before.account)
  const single = owned.length === 1 ? owned[0] : undefined
  const account = (kept ?? single)?.accountId ?? null
  return { act: core.signIn({ token, member, account, cache: dashboard }), account }
}

/** Takes over a token that came with an answer, if one did. */
export function renew(
  renewed: Changed['renewed'],
  core: CoreHands<LedgerCore>
): readonly CoreAct<LedgerCore>[] {
  return renewed === null ? [] : [core.refreshToken(renewed)]
}

/** Takes over all that is fresh after a change in the ledger. */
export function refresh(
  { renewed, member, dashboard }: Changed,
  core: CoreHands<LedgerCore>
): readonly CoreAct<LedgerCore>[] {
  return [...renew(renewed, core), core.changeMember(member), core.remember(dashboard)]
}
