import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { pathOf } from '../problems.ts'
import {
  AcceptAllRequest,
  type EndpointName,
  LoginRequest,
  OfferRequest,
  type RefusalCode,
  RegisterRequest,
  ResolveRequest,
  UpgradeRequest
} from '../protocol.ts'
import { type Refusal, refuse } from './decision.ts'
import { PAGE_ROWS_MAX } from './member-decisions.ts'
import type { Settlement } from './offer-decisions.ts'

/** What a request asks of the ledger, decoded; who asks stands beside it. */
export type Command =
  | ({ readonly name: 'login' } & t.TypeOf<typeof LoginRequest>)
  | ({ readonly name: 'registerMember' } & RegisterRequest)
  | ({ readonly name: 'resolveHandle' } & Asked & t.TypeOf<typeof ResolveRequest>)
  | ({ readonly name: 'createOffer' } & Asked & OfferRequest)
  | ({ readonly name: Settlement; readonly offerId: string } & Asked)
  | ({
      readonly name: 'acceptAll'
      readonly ids: readonly string[]
      /** Ids that a test wants to fail, with the reason to give. */
      readonly forcedFailures?: ReadonlyMap<string, RefusalCode>
    } & Asked)
  | ({
      readonly name: 'readLedger'
      readonly accountId: string
      readonly startRow: number
      readonly numRows: number
    } & Asked)
  | ({
      readonly name: 'upgradeTier'
      readonly ofMember: string
      readonly accountId: string
    } & Asked)
  | ({ readonly name: 'readOperation'; readonly key: string } & Asked)

interface Asked {
  readonly memberId: string
}

/** The parts of a request that a command is made of. */
export interface CommandParts {
  /** Empty for the two endpoints that need no token. */
  readonly memberId: string
  /** What stands in the path in place of `{id}`; empty where there is no such place. */
  readonly pathId: string
  readonly query: URLSearchParams
  readonly body: unknown
}

/** Decodes the request of one endpoint; fails with the first field that does not fit. */
export function toCommand(name: EndpointName, parts: CommandParts): E.Either<Refusal, Command> {
  const { memberId, pathId, body } = parts
  switch (name) {
    case 'login':
      return decoded(LoginRequest, body, request => ({ name, ...request }))
    case 'registerMember':
      return decoded(RegisterRequest, body, request => ({ name, ...request }))
    case 'resolveHandle':
      return decoded(ResolveRequest, body, request => ({ name, memberId, ...request }))
    case 'createOffer':
      return decoded(OfferRequest, body, request => ({ name, memberId, ...request }))
    case 'acceptOffer':
    case 'declineOffer':
    case 'cancelOffer':
      return E.right({ name, memberId, offerId: pathId })
    case 'acceptAll':
      return decoded(AcceptAllRequest, body, ({ ids }) => ({ name, memberId, ids }))
    case 'readLedger':
      return ledgerPage(parts)
    case 'upgradeTier':
      return decoded(UpgradeRequest, body, ({ accountId }) => ({
        name,
        memberId,
        ofMember: pathId,
        accountId
      }))
    case 'readOperation':
      return E.right({ name, memberId, key: pathId })
  }
}

function decoded<A>(
  codec: t.Decoder<unknown, A>,
  body: unknown,
  toCommandOf: (request: A) => Command
): E.Either<Refusal, Command> {
  const request = codec.decode(body)
  if (E.isRight(request)) return E.right(toCommandOf(request.right))
  const context = request.left[0]?.context ?? []
  const field = pathOf(context)
  return refuse('VALIDATION', `${field} must be ${context.at(-1)?.type.name}.`, { field })
}

function ledgerPage({ memberId, pathId, query }: CommandParts): E.Either<Refusal, Command> {
  const startRow = wholeNumber(query.get('startRow') ?? '0', 0, 1_000_000)
  const numRows = wholeNumber(query.get('numRows') ?? '7', 1, PAGE_ROWS_MAX)
  if (startRow === null) {
    const message = 'startRow must be a whole number from 0 on.'
    return refuse('VALIDATION', message, { field: 'startRow' })
  }
  if (numRows === null) {
    const message = `numRows must be a whole number from 1 to ${PAGE_ROWS_MAX}.`
    return refuse('VALIDATION', message, { field: 'numRows' })
  }
  return E.right({ name: 'readLedger', memberId, accountId: pathId, startRow, numRows })
}

function wholeNumber(text: string, min: number, max: number): number | null {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : -1
  return value >= min && value <= max ? value : null
}
