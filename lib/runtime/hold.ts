import type { At, Decision } from '../conversation/decision.ts'
import type { ConversationRecord, Held } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import { type HoldCommand, isHoldCommand, type TurnEvent } from '../conversation/turn-event.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
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
  if (event.kind === 'CallSettled' || event.kind === 'OperatorCommand') return null
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

/** Nothing is decided here, so that a bot that throws on it is not reset for it. */
function wordOf({ program, log }: Parts, record: ConversationRecord): Reply | null {
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
  { record }: Pick<Memory, 'record'>,
  state: ConversationRecord,
  { command, by, reason }: HoldCommand
): Exclude<Decision, { tag: 'defer' }> {
  if (record === null) return { tag: 'ignore', why: 'There is no record to hold.' }
  const kind = command === 'hold' ? 'held' : 'resumed'
  return { tag: 'commit', next: state, replies: [], call: null, audit: [{ kind, by, reason }] }
}

/** Whether it is held after an event; only an operator changes that. */
export function heldAfter(
  before: ConversationRecord | null,
  event: TurnEvent,
  { nowMs }: At
): Held | null {
  if (!isHoldCommand(event)) return before?.meta.held ?? null
  if (event.command === 'resume') return null
  const { at = nowMs, told = false } = before?.meta.held ?? {}
  return { at, by: event.by, told }
}

/** What the commit says to the list of held conversations; null leaves it as it is. */
export function heldIn({ before, held }: Pick<Plan, 'before' | 'held'>): boolean | null {
  const isHeld = held !== null
  return isHeld === (before?.meta.held !== undefined) ? null : isHeld
}
