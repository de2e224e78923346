import * as E from 'fp-ts/lib/Either.js'
import type { LedgerError, RefusalCode } from '../protocol.ts'
import type { Change } from './commit.ts'
import type { Rules } from './rules.ts'
import type { AccountState, LedgerState } from './state.ts'

/** What the ledger says to a command: a refusal, or what changes and what to tell about it. */
export type Decision = E.Either<Refusal, Approval>

export type Refusal = LedgerError & { readonly code: RefusalCode }

export interface Approval {
  readonly type: string
  readonly details: Readonly<Record<string, unknown>>
  /** Whose doing it is; their dashboard goes with the answer. */
  readonly memberId: string
  readonly changes: readonly Change[]
}

/** What a decision may look at. It changes nothing itself. */
export interface Scene {
  readonly state: LedgerState
  readonly rules: Rules
  readonly nowMs: number
  readonly newId: (kind: string) => string
}

export function approve(approval: Approval): Decision {
  return E.right(approval)
}

/** Says no; without words of one's own the code's standard message stands. */
export function refuse(
  code: RefusalCode,
  message: string = STANDARD_MESSAGES[code],
  more: Pick<LedgerError, 'field' | 'denom' | 'available' | 'remaining'> = {}
): E.Either<Refusal, never> {
  return E.left({ code, message, ...more })
}

export function mayActFor(account: AccountState, memberId: string): boolean {
  return account.ownerId === memberId || account.authorisedFor.includes(memberId)
}

const STANDARD_MESSAGES: Readonly<Record<RefusalCode, string>> = {
  NOT_FOUND: 'There is nothing under that name; check it and ask again.',
  ALREADY_EXISTS: 'It is there already; log in instead of registering again.',
  VALIDATION: 'The request breaks a rule of the ledger; correct the named field.',
  INSUFFICIENT_BALANCE: 'The account does not hold enough; use a smaller amount.',
  LIMIT_EXCEEDED: 'The daily limit is used up; try a smaller amount, or again tomorrow (UTC).',
  SELF: 'Issuer and receiver are the same account; name another receiver.',
  NOT_PENDING: 'The offer was accepted, declined or cancelled before; read the dashboard again.',
  FORBIDDEN: 'The member may not act for that account; use one of the dashboard.',
  ALREADY: 'The member has that tier already; nothing needs to be done.'
}
