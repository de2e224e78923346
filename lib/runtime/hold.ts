import type { At, AuditNote, Decision } from '../conversation/decision.ts'
import { type ConversationRecord, HANDOVER_TIMER, type Held } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import {
  type HoldCommand,
  isFromOutside,
  isHoldCommand,
  type TurnEvent
} from '../conversation/turn-event.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { POLICY, textFor } from '../supervision/policy.ts'
import { withoutCall } from './consumed.ts'
import { failedNote } from './failed-note.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Cause, Plan, Planned } from './planned.ts'

/**
 * What becomes of an event while an operator holds the conversation: what is said waits, a timer
 * does nothing. Null when it is decided as ever: how a call ended, and what an operator wants.
 */
export function whileHeld(
  parts: Parts,
  { record, recovery }: Memory,
  { event, fromInbox, parked }: Cause
): Planned | null {
  const held = record?.meta.held
  if (record === null || held === undefined || parked !== null) return null
  if (['CallSettled', 'OperatorCommand', 'ReplyRefused'].includes(event.kind)) return null
  if (event.kind === 'TimerDue' && runsWhileHeld(held, event.timer)) return null
  const isSaid = event.kind === 'Inbound' || event.kind === 'Told'
  if (!isSaid || fromInbox) return { tag: 'ignore', why: 'the conversation is held' }
  const told = event.kind === 'Inbound' && !held.told ? wordOf(parts, record) : null
  if (told === null) return { tag: 'defer', event, why: 'hold' }
  const plan: Plan = {
    before: record,
    next: record,
    steps: [{ event, root: event.id, replies: [told], record }],
    call: null,
    callCause: event.id,
    audit: recovery?.notes ?? [],
    taken: 0,
    append: event,
    held: { ...held, told: true }
  }
  return { tag: 'plan', plan }
}

/**
 * The policy holds the conversation for an event that was given up: it waits first in the inbox, a
 * timer stays set. How a call ended waits nowhere, so it is parked. Null when that is not asked.
 */
export function heldFor(
  parts: Parts,
  { record, recovery }: Memory,
  state: ConversationRecord,
  { event, fromInbox, parked, fault }: Cause,
  { nowMs }: At
): Planned | null {
  if (parked?.how !== 'hold' || fault === null) return null
  // Who wrote what waited was told so then; the next message is answered.
  const told = event.kind === 'Inbound' && !fromInbox ? wordOf(parts, state) : null
  const { code, cause, flow, step } = fault.context
  const note = { kind: 'held' as const, by: POLICY, reason: fault.verdict.why.slice(0, 500) }
  const kept = withoutCall(state, state, event)
  const held = {
    at: nowMs,
    by: POLICY,
    told: told !== null,
    failed: { cause, code, where: `${flow}.${step}` }
  }
  const replies = told === null ? [] : [told]
  const plan: Plan = {
    before: record,
    next: kept,
    steps: [{ event, root: event.id, replies, record: kept }],
    call: null,
    callCause: event.id,
    audit: [...(recovery?.notes ?? []), failedNote(fault), note],
    taken: 0,
    append: !fromInbox && isFromOutside(event) ? event : null,
    held
  }
  return { tag: 'plan', plan }
}

/** Nothing is decided here, so that a bot that throws on it is not reset for it. */
function wordOf(parts: Parts, record: ConversationRecord): Reply | null {
  const { program, log } = parts
  const text = textFor(parts.policy(), 'hold', record.core.locale)
  if (text !== null) return { kind: 'text', text }
  try {
    return program.held?.(record) ?? null
  } catch (error) {
    const fields = { event: 'hold.untold', why: whatWasThrown(error) }
    log.error(fields, 'the bot has no word for a held conversation')
    return null
  }
}

/**
 * The decision on an operator's hold or resume: the state as it is. Also where nothing changes, so
 * that the store tells a command that it has had.
 */
export function holding(
  { program }: Pick<Parts, 'program'>,
  { record }: Pick<Memory, 'record'>,
  state: ConversationRecord,
  event: HoldCommand,
  at: At
): Exclude<Decision, { tag: 'defer' }> {
  if (record === null) return { tag: 'ignore', why: 'There is no record to hold.' }
  const { command, by, reason } = event
  const note = { kind: command === 'hold' ? ('held' as const) : ('resumed' as const), by, reason }
  // What a person gives back goes on where its flow says; the bot decides that.
  if (command === 'resume' && record.timers.some(({ id }) => id === HANDOVER_TIMER)) {
    const decided = program.decide(state, event, at)
    if (decided.tag === 'commit') return { ...decided, audit: [note, ...decided.audit] }
  }
  return { tag: 'commit', next: state, replies: [], call: null, audit: [note] }
}

/** Whether it is held after a decision: an operator changes that, and a handover of the flow. */
export function heldAfter(
  held: Held | null,
  event: TurnEvent,
  decided: Decision,
  { nowMs }: At
): Held | null {
  const handover = decided.tag === 'commit' ? decided.handover : undefined
  const isResumed = isHoldCommand(event) && event.command === 'resume'
  // An operator's own hold outlasts what the flow does meanwhile.
  const isFree = held === null || held.handover === true || isResumed
  if (handover !== undefined && handover !== null && isFree) {
    return { at: nowMs, by: handover.by, told: true, handover: true }
  }
  if (isResumed || (handover === null && isFree)) return null
  if (!isHoldCommand(event)) return held
  const { at = nowMs, told = false } = held ?? {}
  const failed = held?.failed
  return { at, by: event.by, told, ...(failed === undefined ? {} : { failed }) }
}

/** What the history is told of a handover, and of its end unless an operator's word tells it. */
export function handoverNotes(
  held: Held | null,
  event: TurnEvent,
  decided: Decision
): readonly AuditNote[] {
  const handover = decided.tag === 'commit' ? decided.handover : undefined
  if (handover === undefined) return []
  if (handover !== null) return [{ kind: 'handedOver', by: handover.by, reason: event.kind }]
  if (held?.handover !== true || isHoldCommand(event)) return []
  return [{ kind: 'handedBack', by: held.by, reason: event.kind }]
}

/** True for the one timer that a held conversation has: it takes the conversation back in time. */
export function runsWhileHeld({ handover }: Held, timer: string): boolean {
  return handover === true && timer === HANDOVER_TIMER
}

/** What the commit says to the list of held conversations; null leaves it as it is. */
export function heldIn({ before, held }: Pick<Plan, 'before' | 'held'>): boolean | null {
  const isHeld = held !== null
  return isHeld === (before?.meta.held !== undefined) ? null : isHeld
}
