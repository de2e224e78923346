import type { LedgerError, ProtocolErrorCode } from './protocol.ts'

/** Why a request did not reach the ledger, and what to do about it. */
export const protocolError = {
  unauthorized: says('UNAUTHORIZED', 'The token is missing or over; log in, then ask again.'),
  conflict: says('CONFLICT', 'The key was used for another request; use a new key for a new one.'),
  keyRequired: says(
    'KEY_REQUIRED',
    'Send an Idempotency-Key of 1 to 200 visible characters, the same one when you repeat.'
  ),
  malformed: says('MALFORMED', 'The body is not JSON; send a JSON object.'),
  tooLarge: says('TOO_LARGE', 'The body is over 64 KB; send less.'),
  unknownPath: says('UNKNOWN_PATH', 'There is no such path; see the README of the service.'),
  full: says('UNAVAILABLE', 'The ledger is full; nothing was done. Ask its operator.'),
  broken: says('UNAVAILABLE', 'The ledger cannot write to its disk; ask again after a restart.'),
  internal: says('INTERNAL', 'The ledger has a bug; nothing more is known. Ask again.')
} as const

function says(code: ProtocolErrorCode, message: string): LedgerError {
  return { code, message }
}
