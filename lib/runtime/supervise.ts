import { pause } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import { afterFailed, judge, type Verdict } from '../supervision/judge.ts'
import { isRepeating } from '../supervision/policy.ts'
import type { Cell, Envelope, Fault } from './cell.ts'
import type { FailureContext } from './failure-context.ts'
import { eventOf, type Met, metFailure } from './met-failure.ts'
import { recentResets } from './next-record.ts'
import { isOwn } from './orders.ts'
import type { Parts } from './parts.ts'
import { defectOf, TurnDefect } from './turn-defect.ts'

/**
 * What supervision does after a crash, while the actor stays busy: take the event again after a
 * pause, on what is remembered or on the last valid snapshot, or give it up as the policy says.
 *
 * Never throws: a supervisor that throws ends the process (nact 7.6.2, actor.js:158).
 */
export async function afterCrash(parts: Parts, cell: Cell, error: unknown): Promise<void> {
  const envelope = cell.mailbox.head
  if (envelope === undefined) return forget(cell)
  const { event, failed } = failedOf(error, envelope)
  const before = envelope.fault?.eventId === event.id ? envelope.fault : null
  const attempt = elsewhere(error) ?? (before?.runs ?? 0) + (before?.parking ? 0 : 1)
  const action = before?.parking ?? 'decide'
  const context = metFailure(parts, cell, { failure: failed, action, event, attempt })
  if (before !== null && before.parking !== null) {
    forget(cell)
    return notEvenThat(parts, cell, envelope, before, context)
  }
  const verdict = verdictOn(parts, cell, error, context)
  const { act, directive, rule, why } = verdict
  parts.listeners.emit('failure', { ...context, directive, act, rule, why })
  const isAgain = isRepeating(act)
  envelope.fault = {
    eventId: event.id,
    failure: failed,
    context,
    runs: attempt,
    verdict,
    done: [...(before?.done ?? []), directive],
    parking: isAgain ? null : act
  }
  const pauseMs = Math.floor(parts.random.fraction() * verdict.pauseMostMs)
  tellCrash(parts, context, verdict, pauseMs)
  if (act !== 'retry') forget(cell)
  if (directive === 'escalate') parts.alarms.raise(context)
  if (!isAgain) return
  const told = { conversation: cell.id, attempt, failure: failed, directive, rule }
  parts.listeners.emit('restarted', told)
  await pause(parts.clock, pauseMs)
}

/** Told once for every failure that is no bug of the bot; a rule may have a person told of it. */
export function superviseValue(
  parts: Parts,
  cell: Cell,
  envelope: Envelope,
  failed: Failure
): FailureContext {
  const met: Met = { failure: failed, action: 'store', event: eventOf(envelope), attempt: 1 }
  const context = metFailure(parts, cell, met)
  const { directive, act, rule, why } = judge(parts.policy(), { ...context, resets: 0 })
  parts.listeners.emit('failure', { ...context, directive, act, rule, why })
  if (directive === 'escalate') parts.alarms.raise(context)
  return context
}

/** After the commit that gave an event up: the log, the listeners, a person where one is needed. */
export function tellGivenUp(parts: Parts, cell: Cell, fault: Fault): void {
  const { eventId: event, failure, context, verdict, parking } = fault
  const { code, cause } = context
  const { directive, rule, why } = verdict
  const fields = { conversation: cell.id, code, cause, directive, rule, why }
  void parts.caution.forgive({ conversation: cell.id, event: context.event })
  if (parking === 'hold') {
    parts.log.error({ event: 'conversation.held', ...fields }, 'the conversation is held')
    // Nobody but a person lets it go on.
    if (directive !== 'escalate') parts.alarms.raise(context)
    return
  }
  parts.log.error({ event: 'event.parked', ...fields }, 'the event is parked')
  const act = parking ?? 'park'
  parts.listeners.emit('parked', { conversation: cell.id, failure, event, directive, act, rule })
  // Whoever sends it again, or another like it, ends processes: a person is to know.
  if (code === 'CHP_TURN_FATAL') parts.alarms.raise(context)
}

/** What is told of a way to give an event up that could not be gone. */
const FAILED = {
  reset: { event: 'reset.failed' },
  hold: { event: 'hold.failed' },
  park: { event: 'park.failed' }
} as const

/** The actor is rebuilt from what is stored; an older incarnation removes nothing. */
function forget(cell: Cell): void {
  cell.incarnation += 1
  cell.memory = null
}

function elsewhere(error: unknown): number | null {
  return error instanceof TurnDefect ? error.runs : null
}

function failedOf(
  error: unknown,
  envelope: Envelope
): { readonly event: FailureContext['event']; readonly failed: Failure } {
  if (!(error instanceof TurnDefect)) return { event: eventOf(envelope), failed: defectOf(error) }
  const { kind, id } = error.event
  return { event: { kind, id }, failed: error.failure }
}

function verdictOn(parts: Parts, cell: Cell, error: unknown, context: FailureContext): Verdict {
  const record = cell.memory?.record ?? null
  const resets = recentResets(parts, record, parts.time.nowMs()).length
  const verdict = judge(parts.policy(), { ...context, resets })
  // What the runtime itself takes moves nobody and waits nowhere: no member has done it.
  const isOurs = error instanceof TurnDefect && isOwn(error.event)
  return isOurs && !isRepeating(verdict.act) ? { ...verdict, act: 'park' } : verdict
}

function tellCrash(
  { log }: Parts,
  context: FailureContext,
  { directive, act, rule, why }: Verdict,
  pauseMs: number
): void {
  const { conversation, code, message: detail, attempt, flow, step, cause, event } = context
  const met = { conversation, code, detail, attempt, flow, step, cause, kind: event.kind }
  const decided = { directive, act, rule, why, pauseMs }
  log.error({ event: 'actor.crashed', ...met, ...decided }, 'the bot failed on an event')
}

/**
 * Not even what the policy said could be done: the next that leads to an end is tried, and a person
 * is told. Where nothing can be committed at all the event is shed, and may come again.
 */
function notEvenThat(
  parts: Parts,
  cell: Cell,
  envelope: Envelope,
  fault: Fault,
  context: FailureContext
): void {
  const { conversation, code, message: detail, cause } = context
  const tried = fault.parking ?? 'park'
  const next = afterFailed(parts.policy(), tried)
  const { directive, rule } = fault.verdict
  const why = `${fault.verdict.why}; ${tried} failed: ${next ?? 'shed'}`
  parts.listeners.emit('failure', { ...context, directive, act: next, rule, why })
  const fields = { conversation, code, detail, cause, tried, next, directive, rule, why }
  if (next !== null && !isRepeating(next)) {
    parts.log.error({ ...FAILED[tried], ...fields }, 'something milder is tried')
    // Once it is held a person is told anyway.
    if (next !== 'hold') parts.alarms.raise(context)
    const verdict = { ...fault.verdict, act: next, why }
    envelope.fault = { ...fault, verdict, done: [...fault.done, next], parking: next }
    return
  }
  parts.log.error({ ...FAILED[tried], ...fields }, 'the event is shed')
  if (context.event.kind === 'ReplyRefused') cell.unparkable = context.event.id
  if (!cell.mailbox.settle(envelope)) return
  envelope.settle({ tag: 'shed', reason: code, retryAfterMs: 60_000 })
}
