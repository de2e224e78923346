import type { CallDefinition, Program } from '../conversation/program.ts'
import type { Core } from '../conversation/record.ts'
import type { CallResult, CallSettled } from '../conversation/turn-event.ts'
import type { Log } from '../kernel/log.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'
import type { Secret } from '../kernel/secret.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import {
  type AttemptParts,
  attempted,
  type Ended,
  type Given,
  pauseUnlessStopped
} from './attempt.ts'
import type { CallBreakers } from './call-breaker.ts'

/** One committed intent, ready to be driven to its end. */
export interface CallJob {
  readonly conversation: string
  readonly key: string
  readonly name: string
  readonly input: unknown
  readonly core: Core
  /** A former life may have made it already: until it is answered, nobody knows that it did not. */
  readonly resumed: boolean
  /** Its flow went on without it: it is only read back, never made. */
  readonly left?: boolean
}

export interface DriveParts extends AttemptParts {
  readonly program: Pick<Program, 'calls' | 'relogin'>
  readonly random: Random
  readonly log: Log
  readonly breakers: CallBreakers
  /** Only a person can find out what became of it. */
  unresolved(job: Pick<CallJob, 'conversation' | 'name' | 'key'>): void
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
      return untold(parts, job, definition)
    }
    const way = job.left === true ? readBack : driven
    return await way(parts, definition, job, stop)
  } catch (error) {
    const why = whatWasThrown(error)
    parts.log.error({ event: 'call.threw', why, ...fields }, 'bot code around a call threw')
    return untold(parts, job, definition)
  }
}

/** What is known of a call while it is driven. */
interface Course {
  token: Secret | null
  renewed: Secret | null
  /** A login was tried, whatever came of it: one a call. */
  loggedIn: boolean
  known: 'not-done' | 'unknown'
}

function courseOf({ core, resumed }: CallJob): Course {
  const token = core.token?.value ?? null
  return { token, renewed: null, loggedIn: false, known: resumed ? 'unknown' : 'not-done' }
}

async function driven(
  parts: DriveParts,
  definition: CallDefinition,
  job: CallJob,
  stop: AbortSignal
): Promise<CallSettled | null> {
  const { attempts, unknown: policy = 'retry-with-key' } = definition
  const course = courseOf(job)
  const asks = (): boolean => policy === 'read-back' && course.known === 'unknown'
  for (let attempt = 1; attempt <= attempts && !stop.aborted; ) {
    if (policy === 'ask-operator' && course.known === 'unknown') return unresolved(parts, job)
    const what = asks() ? 'readBack' : 'run'
    const ended = await once(parts, definition, job, course, { attempt, stop, what })
    if (ended.tag === 'answered') return settled(job, ended, attempt, course.renewed)
    if (ended.tag === 'memberUnknown')
      return settled(job, { ...ended, known: course.known }, attempt, null)
    if (ended.tag === 'notDone') {
      course.known = 'not-done'
      continue
    }
    if (mayBeDone(ended)) course.known = 'unknown'
    attempt += 1
    if (attempt <= attempts) await backedOff(parts, attempt - 2, stop)
  }
  if (stop.aborted) return null
  if (policy === 'ask-operator' && course.known === 'unknown') return unresolved(parts, job)
  if (asks()) {
    // The last attempt may have been done: this is the last chance to find out.
    const last = { attempt: attempts, stop, what: 'readBack' } as const
    const ended = await once(parts, definition, job, course, last)
    if (ended.tag === 'answered') return settled(job, ended, attempts, course.renewed)
    if (ended.tag === 'notDone') course.known = 'not-done'
    if (stop.aborted) return null
  }
  return settled(job, { tag: 'unreachable', known: course.known }, attempts, course.renewed)
}

/** Asks what became of a call that nobody waits for any more; at last a person must. */
async function readBack(
  parts: DriveParts,
  definition: CallDefinition,
  job: CallJob,
  stop: AbortSignal
): Promise<CallSettled | null> {
  const course = courseOf(job)
  const { attempts, unknown } = definition
  if (definition.readBack === undefined) {
    // Where the declaration says so a person was asked when it became unknown.
    if (unknown !== 'ask-operator') parts.unresolved(job)
    return settled(job, { tag: 'unreachable', known: 'unknown' }, 0, null)
  }
  for (let attempt = 1; attempt <= attempts && !stop.aborted; attempt += 1) {
    const given = { attempt, stop, what: 'readBack' } as const
    const told = await once(parts, definition, job, course, given)
    if (told.tag === 'answered') return settled(job, told, attempt, course.renewed)
    if (told.tag === 'notDone')
      return settled(job, { tag: 'unreachable', known: 'not-done' }, attempt, course.renewed)
    if (attempt < attempts) await backedOff(parts, attempt - 1, stop)
  }
  return stop.aborted ? null : unresolved(parts, job)
}

/** One attempt; when its token is refused, a login and the same attempt again, once a call. */
async function once(
  parts: DriveParts,
  definition: CallDefinition,
  job: CallJob,
  course: Course,
  given: Omit<Given, 'token'>
): Promise<Ended | { readonly tag: 'memberUnknown' }> {
  const make = (): Promise<Ended> =>
    parts.breakers.guarded(definition, () =>
      attempted(parts, definition, job, { ...given, token: course.token })
    )
  const ended = await make()
  if (ended.tag !== 'unauthorised' || course.loggedIn) return ended
  course.loggedIn = true
  const login = await loggedIn(parts, job, given.stop)
  if (login === null) return ended
  if (login === 'memberUnknown') return { tag: login }
  course.renewed = login
  course.token = login
  return make()
}

/** The end of a call that was not tried. */
export function notMade(job: CallJob): CallSettled {
  return settled(job, { tag: 'unreachable', known: 'not-done' }, 0, null)
}

function unresolved(parts: DriveParts, job: CallJob): CallSettled {
  parts.unresolved(job)
  return settled(job, { tag: 'unreachable', known: 'unknown' }, 0, null)
}

/** The end of a call that this build can neither make nor read back; nobody asks again. */
function untold(
  parts: DriveParts,
  job: CallJob,
  definition: CallDefinition | undefined
): CallSettled {
  if (job.left === true || definition?.unknown === 'ask-operator') return unresolved(parts, job)
  return settled(job, { tag: 'unreachable', known: 'unknown' }, 0, null)
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
    const given = { token: null, attempt, stop, what: 'run' } as const
    const ended = await parts.breakers.guarded(definition, () =>
      attempted(parts, definition, login, given)
    )
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
