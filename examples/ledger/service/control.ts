import * as E from 'fp-ts/lib/Either.js'
import type { Commit } from './book/commit.ts'
import { decodeContent } from './book/content.ts'
import type { Refusal } from './book/decision.ts'
import {
  type ControlAnswer,
  ControlRequest,
  type Fault,
  type Switches
} from './control-protocol.ts'
import { FAULTS_ARMED_MAX } from './fault-table.ts'
import type { HandlerParts } from './handler.ts'
import { problemsOf } from './problems.ts'
import type { ServiceClock } from './service-clock.ts'

/** What control may reach: all of the service. */
export interface ControlParts extends HandlerParts {
  readonly switches: { -readonly [K in keyof Switches]: Switches[K] }
  readonly clock: ServiceClock
}

/**
 * Does what a test asks for, field by field in the order of `ControlRequest`.
 *
 * Fails with the problems, one line each. What was done before the field that failed stays done;
 * a request that does not decode does nothing.
 */
export function takeControl(
  parts: ControlParts,
  input: unknown
): E.Either<readonly string[], ControlAnswer> {
  const decoded = ControlRequest.decode(input)
  if (E.isLeft(decoded)) return E.left(problemsOf(decoded.left))
  const unknown = unknownKeys(input, decoded.right)
  if (unknown.length > 0) return E.left(unknown.map(key => `${key} is not known here`))

  const request = decoded.right
  const done: string[] = []
  for (const [name, step] of Object.entries(steps(parts, request))) {
    if (request[name as keyof ControlRequest] === undefined) continue
    const problems = step()
    if (problems.length > 0) return E.left(problems.map(problem => `${name}: ${problem}`))
    done.push(name)
  }
  return E.right({ done, faultsArmed: parts.faults.armedCount, switches: { ...parts.switches } })
}

type Step = () => readonly string[]

function steps(parts: ControlParts, request: ControlRequest): Record<keyof ControlRequest, Step> {
  return {
    clearFaults: () => {
      parts.faults.clear()
      return []
    },
    seed: () => reseed(parts, request.seed),
    faults: () => arm(parts, request.faults ?? []),
    withdraw: () => withdraw(parts, request.withdraw ?? []),
    add: () => written(parts, parts.ledger.add(request.add ?? [])),
    revokeTokens: () => revoke(parts, request.revokeTokens),
    switches: () => {
      Object.assign(parts.switches, request.switches)
      return []
    },
    advanceClockMs: () => {
      parts.clock.advance(request.advanceClockMs ?? 0)
      return []
    }
  }
}

function reseed({ ledger, journal, sessions, requests }: ControlParts, seed: unknown) {
  const content = decodeContent(ledger.rules.denominations, seed)
  if (E.isLeft(content)) return content.left
  journal.append(ledger.load(content.right))
  sessions.revoke()
  requests.clear()
  return []
}

function arm({ faults }: ControlParts, wanted: readonly Fault[]): readonly string[] {
  if (faults.armedCount + wanted.length > FAULTS_ARMED_MAX) {
    return [`at most ${FAULTS_ARMED_MAX} can be armed at a time`]
  }
  for (const fault of wanted) faults.arm(fault)
  return []
}

function withdraw(parts: ControlParts, wanted: string | readonly string[]): readonly string[] {
  const ids = typeof wanted === 'string' ? [wanted] : wanted
  return ids.flatMap(offerId =>
    written(
      parts,
      E.mapLeft((refusal: Refusal) => [`${offerId}: ${refusal.message}`])(
        parts.ledger.withdraw(offerId)
      )
    )
  )
}

function revoke(
  { ledger, sessions }: ControlParts,
  whose: ControlRequest['revokeTokens']
): readonly string[] {
  if (whose === undefined || whose === 'all') {
    sessions.revoke()
    return []
  }
  const memberId = ledger.memberWith(whose.phone)
  if (memberId === undefined) return ['no member has that phone']
  sessions.revoke(memberId)
  return []
}

function written(
  { journal }: ControlParts,
  commit: E.Either<readonly string[], Commit>
): readonly string[] {
  if (E.isLeft(commit)) return commit.left
  journal.append(commit.right)
  return []
}

// Codecs drop what they do not know; a test that misspells a field shall hear of it. Added offers
// are content, and a content may say more than the ledger needs.
function unknownKeys(input: unknown, decoded: unknown, path = ''): string[] {
  if (typeof input !== 'object' || input === null || input === decoded) return []
  const known = (decoded ?? {}) as Record<string, unknown>
  return Object.entries(input).flatMap(([key, value]) => {
    if (!(key in known)) return [`${path}${key}`]
    return key === 'add' ? [] : unknownKeys(value, known[key], `${path}${key}.`)
  })
}
