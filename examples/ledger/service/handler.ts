import * as E from 'fp-ts/lib/Either.js'
import { toCommand } from './book/command.ts'
import type { Switches } from './control-protocol.ts'
import { type Found, findEndpoint } from './endpoints.ts'
import { failAfterCommit, failBeforeCommit, forcedFailuresOf, forcedRefusalOf } from './failure.ts'
import type { Disturbance, FaultTable } from './fault-table.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Journal } from './journal.ts'
import type { Ledger, Ticket } from './ledger.ts'
import type { LedgerError, Outcome } from './protocol.ts'
import { protocolError } from './protocol-error.ts'
import {
  encodeReply,
  errorReply,
  type LedgerResult,
  okReply,
  outcomeReply,
  type Reply,
  statusOf
} from './reply.ts'
import type { RequestLog } from './request-log.ts'
import type { Sessions } from './sessions.ts'
import { type Clock, type Logger, pause } from './surroundings.ts'

/** A request without its transport: over HTTP, or handed in by a simulation. */
export interface LedgerRequest {
  readonly method: string
  /** With its query, such as `/accounts/acc-alice/ledger?startRow=7`. */
  readonly path: string
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body?: string
}

/** Bytes of a request body; more is answered 413. */
export const BODY_BYTES_MAX = 65_536

export interface HandlerParts {
  readonly ledger: Ledger
  readonly sessions: Sessions
  readonly faults: FaultTable
  readonly journal: Journal
  readonly requests: RequestLog
  readonly switches: Switches
  readonly clock: Clock
  readonly logger: Logger
}

/** A request that found its endpoint. */
interface Asked extends Found {
  readonly path: string
  readonly query: URLSearchParams
  readonly token: string
  readonly key: string | null
  readonly body: E.Either<LedgerError, unknown>
}

/**
 * Answers one request of a client; rejects only when the journal cannot be written, or for a bug.
 *
 * Deciding, applying and putting the commit in line happen in one go, without a wait in between;
 * then the answer waits for the disk. So requests never interleave, and what was answered is kept.
 */
export async function answerRequest(
  parts: HandlerParts,
  request: LedgerRequest
): Promise<LedgerResult> {
  const [path = '', search = ''] = request.path.split(/\?(.*)/s)
  const found = findEndpoint(request.method, path)
  if ('allowed' in found) return encodeReply(strayReply(found.allowed))

  const asked: Asked = {
    ...found,
    path,
    query: new URLSearchParams(search),
    token: /^Bearer (\S+)$/i.exec(header(request, 'authorization') ?? '')?.[1] ?? '',
    key: header(request, 'idempotency-key') ?? null,
    body: readBody(request.body ?? '')
  }
  const end = parts.requests.begin(asked.endpoint.name, asked.key)
  const disturbance = parts.faults.take(asked.endpoint.name, phoneOf(parts, asked))
  const result = await answerDisturbed(parts, asked, disturbance)
  const status = statusOf(result)
  end(status)
  parts.logger.debug({ event: 'ledger.answered', endpoint: asked.endpoint.name, status })
  return result
}

async function answerDisturbed(
  parts: HandlerParts,
  asked: Asked,
  { delayBeforeMs, delayAfterMs, failure }: Disturbance
): Promise<LedgerResult> {
  if (delayBeforeMs > 0) await pause(parts.clock, delayBeforeMs)
  const early = failBeforeCommit(failure)
  if (early !== null) return early
  const reply = perform(parts, asked, failure)
  await parts.journal.flushed()
  if (delayAfterMs > 0) await pause(parts.clock, delayAfterMs)
  return failAfterCommit(failure, reply)
}

function perform(parts: HandlerParts, asked: Asked, failure: Disturbance['failure']): Reply {
  const { ledger, journal } = parts
  const { endpoint } = asked
  const admitted = admit(parts, asked)
  if (E.isLeft(admitted)) return errorReply(admitted.left)
  const { memberId, ticket, body } = admitted.right

  const recorded = ticket === null ? undefined : ledger.recorded(ticket.key)
  if (recorded !== undefined) {
    return recorded.fingerprint === ticket?.fingerprint
      ? replyTo(parts, asked, recorded.outcome, recorded.memberId)
      : errorReply(protocolError.conflict)
  }
  const command = toCommand(endpoint.name, { ...asked, memberId, body })
  if (E.isLeft(command)) return errorReply(command.left)
  if (endpoint.changes && (journal.isFull || !ledger.hasRoomFor(endpoint.name))) {
    return errorReply(protocolError.full)
  }
  const executed = ledger.execute(
    command.right.name === 'acceptAll'
      ? { ...command.right, forcedFailures: forcedFailuresOf(failure) }
      : command.right,
    ticket,
    forcedRefusalOf(failure)
  )
  if (executed.commit !== null) journal.append(executed.commit)
  return replyTo(parts, asked, executed.outcome, executed.memberId)
}

interface Admitted {
  /** Empty for the two endpoints that need no token. */
  readonly memberId: string
  /** Null for a request that changes nothing, and while keys are ignored. */
  readonly ticket: Ticket | null
  readonly body: unknown
}

/** Checks what every request needs: a body that can be read, a token, and a key for a change. */
function admit(parts: HandlerParts, asked: Asked): E.Either<LedgerError, Admitted> {
  const { endpoint, path, key, token } = asked
  if (E.isLeft(asked.body)) return asked.body
  const body = asked.body.right
  const memberId = endpoint.signsIn ? '' : parts.sessions.use(token)
  if (memberId === null) return E.left(protocolError.unauthorized)
  if (!endpoint.changes || parts.switches.ignoreIdempotency) {
    return E.right({ memberId, ticket: null, body })
  }
  if (key === null || !/^[!-~]{1,200}$/.test(key)) return E.left(protocolError.keyRequired)
  const fingerprint = fingerprintOf(memberId, path, body)
  return E.right({ memberId, ticket: { key, fingerprint }, body })
}

/** The outcome with what goes with it: a fresh dashboard, and a token where one is due. */
function replyTo(
  { ledger, sessions, switches }: HandlerParts,
  { endpoint, token }: Asked,
  outcome: Outcome,
  memberId: string | null
): Reply {
  if ('error' in outcome || memberId === null) return outcomeReply(outcome)
  const body = endpoint.showsDashboard
    ? { ...outcome, dashboard: ledger.dashboard(memberId) }
    : outcome
  if (endpoint.signsIn) return okReply({ ...body, token: sessions.open(memberId) })
  const renewed = switches.renewTokens === 'none' ? null : sessions.renew(token)
  if (renewed === null) return okReply(body)
  return switches.renewTokens === 'body'
    ? okReply({ ...body, token: renewed })
    : okReply(body, { authorization: `Bearer ${renewed}` })
}

/** The JSON of a body; some requests say everything in their path and have none. */
export function readBody(text: string): E.Either<LedgerError, unknown> {
  if (Buffer.byteLength(text) > BODY_BYTES_MAX) return E.left(protocolError.tooLarge)
  if (text === '') return E.right({})
  return E.tryCatch(
    (): unknown => JSON.parse(text),
    () => protocolError.malformed
  )
}

function phoneOf({ ledger, sessions }: HandlerParts, { token, body }: Asked): string | null {
  const memberId = sessions.memberOf(token)
  if (memberId !== null) return ledger.phoneOf(memberId) ?? null
  const named = E.isRight(body) ? (body.right as { phone?: unknown } | null)?.phone : null
  return typeof named === 'string' ? named : null
}

function header({ headers }: LedgerRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** The reply to a path that is not there, or that wants another method. */
export function strayReply(allowed: readonly string[]): Reply {
  if (allowed.length === 0) return errorReply(protocolError.unknownPath)
  const allow = allowed.join(', ')
  return errorReply({ code: 'WRONG_METHOD', message: `Ask with ${allow}.` }, { allow })
}
