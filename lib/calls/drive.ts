import type { CallDefinition, Program } from '../conversation/program.ts'
import type { Core } from '../conversation/record.ts'
import type { CallResult, CallSettled } from '../conversation/turn-event.ts'
import type { Log } from '../kernel/log.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'
import type { Secret } from '../kernel/secret.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { type AttemptParts, attempted, type Ended, pauseUnlessStopped } from './attempt.ts'

/** One committed intent, ready to be driven to its end. */
export interface CallJob {
  readonly conversation: string
  readonly key: string
  readonly name: string
  readonly input: unknown
  readonly core: Core
  /** A former life may have made it already: until it is answered, nobody knows that it did not. */
  readonly resumed: boolean
}

export interface DriveParts extends AttemptParts {
  readonly program: Pick<Program, 'calls' | 'relogin'>
  readonly random: Random
  readonly log: Log
}

const BACKOFF = { initialMs: 250, maxMs: 2_000, factor: 2 }

/**
 * Makes a call until it is answered or its attempts are spent; null when it was stopped.
 *
 * Never rejects: what bot code throws here is an unknown outcome.
 */
export async function drive(
  parts: DriveParts,
  job: CallJob,
  stop: AbortSignal
): Promise<CallSettled | null> {
  const { calls } = parts.program
  const definition = Object.hasOwn(calls, job.name) ? calls[job.name] : undefined
  const fields = { call: job.name, key: job.key, conversation: job.conversation }
  try {
    if (definition === undefined || !definition.input.is(job.input)) {
      parts.log.error({ event: 'call.unknown', ...fields }, 'this build cannot make the call')
      return settled(job, { tag: 'unreachable', known: 'unknown' }, 0, null)
    }
    return await driven(parts, definition, job, stop)
  } catch (error) {
    const why = whatWasThrown(error)
    parts.log.error({ event: 'call.threw', why, ...fields }, 'bot code around a call threw')
    return settled(job, { tag: 'unreachable', known: 'unknown' }, 0, null)
  }
}

async function driven(
  parts: DriveParts,
  definition: CallDefinition,
  job: CallJob,
  stop: AbortSignal
): Promise<CallSettled | null> {
  let token: Secret | null = job.core.token?.value ?? null
  let renewed: Secret | null = null
  let known: 'not-done' | 'unknown' = job.resumed ? 'unknown' : 'not-done'
  for (let attempt = 1; attempt <= definition.attempts && !stop.aborted; ) {
    const ended = await attempted(parts, definition, job, { token, attempt, stop })
    if (ended.tag === 'answered') return settled(job, ended, attempt, renewed)
    if (ended.tag === 'unauthorised' && renewed === null) {
      const login = await loggedIn(parts, job, stop)
      if (login === 'memberUnknown') return settled(job, { tag: login }, attempt, null)
      if (login !== null) {
        renewed = login
        token = login
        continue
      }
    }
    if (mayBeDone(ended)) known = 'unknown'
    attempt += 1
    if (attempt <= definition.attempts) await backedOff(parts, attempt - 2, stop)
  }
  if (stop.aborted) return null
  return settled(job, { tag: 'unreachable', known }, definition.attempts, renewed)
}

// An answer that is none may stand in the place of one that said what was done.
function mayBeDone({ tag }: Ended): boolean {
  return tag === 'unknown' || tag === 'badAnswer'
}

async function loggedIn(
  parts: DriveParts,
  job: CallJob,
  stop: AbortSignal
): Promise<Secret | 'memberUnknown' | null> {
  const { relogin, calls } = parts.program
  const definition = relogin === null ? undefined : calls[relogin.call]
  if (relogin === null || definition === undefined || definition.name === job.name) return null
  const key = `${job.key}.login`
  const login = { ...job, key, name: relogin.call, input: relogin.input(job.core) }
  for (let attempt = 1; attempt <= definition.attempts && !stop.aborted; attempt += 1) {
    const ended = await attempted(parts, definition, login, { token: null, attempt, stop })
    if (ended.tag === 'answered') return relogin.token(ended)
    if (attempt < definition.attempts) await backedOff(parts, attempt - 1, stop)
  }
  return null
}

function backedOff(parts: DriveParts, attempt: number, stop: AbortSignal): Promise<void> {
  return pauseUnlessStopped(parts.clock, fullJitterMs(parts.random, BACKOFF, attempt), stop)
}

function settled(
  { key }: CallJob,
  result: CallResult,
  attempts: number,
  renewed: Secret | null
): CallSettled {
  return { kind: 'CallSettled', id: `${key}.settled`, key, result, renewed, attempts }
}
