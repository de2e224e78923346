import type { Either } from 'fp-ts/lib/Either.js'
import { accept, reject, type Text, text } from '../../../lib/flow/index.ts'
import { type LedgerView, ownedAccounts } from './core.ts'

// No `u` flag: with it, `i` would also take the Kelvin sign for a `k`.
const HANDLE = /^@?([a-z0-9_]{1,30})$/i

/**
 * Reads the handle of another member: `["@"] 1*30( a-z 0-9 _ )` in any case.
 *
 * Whether an account bears it, only the ledger knows.
 */
export function readHandle(
  said: string,
  core: Pick<LedgerView, 'cache'>
): Either<Text, { readonly handle: string }> {
  const handle = HANDLE.exec(said)?.[1]?.toLowerCase()
  if (handle === undefined) return reject(text('err.handle.format'))
  const isOwn = ownedAccounts(core).some(account => account.handle === handle)
  return isOwn ? reject(text('err.handle.self')) : accept({ handle })
}
