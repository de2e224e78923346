import * as t from 'io-ts'
import { CallFailed } from '../../../../lib/flow/index.ts'
import { SecretText } from '../../../../lib/kernel/secret.ts'
import type * as Protocol from '../../service/protocol.ts'
import type { Answered, LedgerClient } from '../client/ledger-client.ts'
import type { LedgerBotConfig } from '../config.ts'
import { Dashboard, Member } from '../core.ts'
import { type Snapshot, snapshotOf } from '../snapshot.ts'

/** What every call is made with. */
export interface CallParts {
  readonly ledger: LedgerClient
  readonly config: LedgerBotConfig
}

/** The data of an outcome that says all by its name. */
export const Nothing = t.strict({}, 'Nothing')

/** A token that came with an answer; null keeps the one there is. */
export const Renewed = t.union([SecretText, t.null], 'Renewed')

/** What a member is known by after a login or a registration. */
export const SignedIn = t.strict(
  { token: SecretText, member: Member, dashboard: Dashboard },
  'SignedIn'
)
export type SignedIn = t.TypeOf<typeof SignedIn>

/** What is fresh after a change in the ledger. */
export const Changed = t.strict(
  { renewed: Renewed, member: Member, dashboard: Dashboard },
  'Changed'
)
export type Changed = t.TypeOf<typeof Changed>

interface WithDashboard {
  readonly dashboard: Protocol.Dashboard
}

export function signedIn({ answer, token }: Answered<WithDashboard>): SignedIn {
  if (token === null) throw new CallFailed({ tag: 'badAnswer', detail: 'no token' })
  return { token, ...soundSnapshot(answer) }
}

export function changed({ answer, token }: Answered<WithDashboard>): Changed {
  return { renewed: token, ...soundSnapshot(answer) }
}

function soundSnapshot({ dashboard }: WithDashboard): Snapshot {
  const snapshot = snapshotOf(dashboard)
  if (snapshot === null) throw new CallFailed({ tag: 'badAnswer', detail: 'unsound dashboard' })
  return snapshot
}
