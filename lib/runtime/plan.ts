import type { Address } from '../conversation/address.ts'
import type { At, AuditNote, Decision } from '../conversation/decision.ts'
import type { ResetWay } from '../conversation/program.ts'
import { attachedCall, type ConversationRecord, type Held } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import {
  isFromOutside,
  isOrder,
  type OutsideEvent,
  type TurnEvent
} from '../conversation/turn-event.ts'
import { type Failure, fail, failure, failureOf } from '../kernel/failure.ts'
import type { InboxRow } from '../store/conversation-store.ts'
import { textFor } from '../supervision/policy.ts'
import { consumed, withoutCall } from './consumed.ts'
import { failedNote } from './failed-note.ts'
import { handoverNotes, heldAfter, heldFor, whileHeld } from './hold.ts'
import { instantOf, type Naming } from './instant.ts'
import type { Memory } from './memory.ts'
import { asItIs, isOwn, obeyed, redriven } from './orders.ts'
import { isOvertaken } from './overtaken.ts'
import type { Parts } from './parts.ts'
import type { Cause, Plan, Planned, Step } from './planned.ts'
import { isStillOwed } from './refused-replies.ts'
import { type RowPlace, readInboxRow } from './rows.ts'
import { watched } from './run-noted.ts'
import { asDefect, defectOf, TurnDefect } from './turn-defect.ts'
import { isFree, nextRow } from './waiting.ts'

/**
 * Decides an event on what the actor remembers, then what waits in the inbox, into one plan.
 *
 * At most `rowsMost` inbox rows are taken, the event's own included. Throws `TurnDefect` when the
 * bot throws on the event itself; a row that throws is left for a turn of its own, so that it
 * cannot take the event before it down.
 */
export function planTurn(
  parts: Parts,
  { conversation, address }: { readonly conversation: string; readonly address: Address },
  memory: Memory,
  cause: Cause,
  naming: Naming,
  rowsMost: number
): Planned {
  const { event } = cause
  return asDefect(event, () => {
    const at = instantOf(parts, event, naming, 0)
    const state = memory.record ?? firstState(parts, address, memory, at)
    if (!isAwaited(conversation, memory, state, event) || isOvertaken(parts, memory, state, event))
      return { tag: 'ignore', why: 'nothing waits for it' }
    const kept = whileHeld(parts, memory, cause) ?? heldFor(parts, memory, state, cause, at)
    if (kept !== null) return kept
    const decided =
      isOwn(event) && cause.parked === null
        ? obeyed(parts, memory, state, event, at)
        : decidedOn(parts, state, cause, at)
    if (decided.tag === 'defer') return waits(memory, state, cause, decided.progress)
    if (decided.tag === 'ignore' && !cause.fromInbox) return decided
    const plan = begun(memory, state, cause, decided, at)
    // What waits has a turn of its own, so that an order stands alone in the history.
    const most = isOrder(event) || plan.held !== null ? 0 : rowsMost
    return { tag: 'plan', plan: withRows(parts, conversation, memory, naming, plan, most) }
  })
}

/** The state of a conversation nobody has spoken in, or of which not even the core is left. */
function firstState(
  { program }: Parts,
  address: Address,
  { recovery }: Memory,
  at: At
): ConversationRecord {
  const state = program.initial(address, at)
  return recovery === null ? state : { ...state, calls: recovery.calls }
}

// A call's result counts only while that call is open, a timer only while it is set as it was.
function isAwaited(
  conversation: string,
  memory: Memory,
  { calls, timers }: ConversationRecord,
  event: TurnEvent
): boolean {
  if (event.kind === 'ReplyRefused') return isStillOwed(conversation, memory, event)
  if (event.kind === 'CallSettled') return calls.some(({ key }) => key === event.key)
  if (event.kind !== 'TimerDue') return true
  return timers.some(({ id, dueMs }) => id === event.timer && dueMs === event.dueMs)
}

function decidedOn(
  parts: Parts,
  state: ConversationRecord,
  { event, parked, fault }: Cause,
  at: At
): Decision {
  const { program } = parts
  if (parked === null) {
    const decided = checked(program.decide(state, event, at))
    if (decided.tag !== 'commit') return decided
    return { ...decided, next: consumed(decided.next, event) }
  }
  const isKept = parked.how === 'park' || isOrder(event)
  const reset: Decision = isKept
    ? { ...asItIs(state), replies: apology(parts, state, event) }
    : checked(program.reset(state, event, at, wayOf(parts, state, fault)))
  if (reset.tag !== 'commit') {
    return fail('CHP_DECISION_INVALID', 'A reset must be committed, it cannot wait or be ignored.')
  }
  const kept = isKept ? { kept: true as const } : {}
  const note = { kind: 'parked' as const, code: parked.why.code, event: event.id, ...kept }
  const next = consumed(withoutCall(reset.next, state, event), event)
  return { ...reset, next, audit: [...reset.audit, note] }
}

/** What the member of a parked message is told; nobody waits for an answer to a timer. */
function apology(parts: Parts, { core }: ConversationRecord, event: TurnEvent): readonly Reply[] {
  const text = event.kind === 'Inbound' ? textFor(parts.policy(), 'park', core.locale) : null
  return text === null ? [] : [{ kind: 'text', text }]
}

function wayOf(parts: Parts, { core }: ConversationRecord, fault: Cause['fault']): ResetWay {
  const text = textFor(parts.policy(), 'reset', core.locale)
  return { to: fault?.verdict.to ?? null, apology: text }
}

const TAGS: readonly unknown[] = ['commit', 'defer', 'ignore'] satisfies Decision['tag'][]

// An async `decide` is the mistake this is for: a promise has no tag, and must not pass as nothing.
function checked(decided: Decision): Decision {
  if (TAGS.includes(decided?.tag)) return decided
  return fail('CHP_DECISION_INVALID', 'What was decided is no Decision; deciding is synchronous.')
}

/** The plan for the event alone. An inbox row that means nothing is taken without a trace. */
function begun(
  memory: Memory,
  state: ConversationRecord,
  { event, fromInbox, parked, fault }: Cause,
  decided: Exclude<Decision, { tag: 'defer' }>,
  at: At
): Plan {
  const { record, recovery, inbox } = memory
  const held = record?.meta.held ?? recovery?.held ?? null
  const step = stepOf(state, event, decided)
  const row = nextRow(memory)
  const passed = row === undefined ? inbox.length : inbox.indexOf(row)
  return {
    before: record,
    next: step.record,
    steps: [step],
    call: decided.tag === 'commit' ? decided.call : null,
    callCause: step.root,
    audit: recovered(recovery, [
      ...(fault === null ? [] : [failedNote(fault)]),
      ...auditOf(held, event, decided)
    ]),
    taken: fromInbox ? passed + 1 : passed,
    append: parked === null ? redriven(event) : null,
    held: parked !== null && isOrder(event) ? held : heldAfter(held, event, decided, at)
  }
}

function auditOf(held: Held | null, event: TurnEvent, decided: Decision): readonly AuditNote[] {
  const said = decided.tag === 'commit' ? decided.audit : []
  return [...said, ...handoverNotes(held, event, decided)]
}

/** The audit of the commit that makes a recovery true: the rungs, and whose move it was. */
function recovered(
  recovery: Memory['recovery'],
  audit: readonly AuditNote[]
): readonly AuditNote[] {
  if (recovery === null) return audit
  const moves = audit.map(note =>
    note.kind === 'moved' && note.by === 'reset' ? { ...note, by: 'recovery' as const } : note
  )
  return [...recovery.notes, ...moves]
}

/** Goes on with what waits, in order, until a call starts or a row must have a turn of its own. */
function withRows(
  parts: Parts,
  conversation: string,
  { inbox, spoilt }: Memory,
  naming: Naming,
  plan: Plan,
  rowsMost: number
): Plan {
  const place = { conversation, epoch: naming.epoch }
  let last = plan
  for (const row of inbox.slice(plan.taken)) {
    if (last.taken >= rowsMost || last.call !== null || last.held !== null) break
    if (spoilt.inbox.has(row)) {
      last = { ...last, taken: last.taken + 1 }
      continue
    }
    if (!isFree(last.next)) break
    const waiting = readOrNull(parts, place, row)
    if (waiting === null) break
    const at = instantOf(parts, waiting, naming, last.steps.length)
    const decided = decidedOrNull(parts, conversation, last.next, waiting, at)
    if (decided === null || decided.tag === 'defer') break
    const step = stepOf(last.next, waiting, decided)
    last = {
      ...last,
      next: step.record,
      steps: [...last.steps, step],
      call: decided.tag === 'commit' ? decided.call : null,
      callCause: step.root,
      audit: [...last.audit, ...auditOf(last.held, waiting, decided)],
      taken: last.taken + 1,
      held: heldAfter(last.held, waiting, decided, at)
    }
  }
  return last
}

/** The event must wait: silently by `defer`, or by a commit that tells the member so. */
function waits(
  { record }: Memory,
  state: ConversationRecord,
  { event, fromInbox }: Cause,
  progress: Reply | null
): Planned {
  // A timer stays set and a call's result is never made to wait: only outside events queue up.
  if (!isFromOutside(event)) return { tag: 'ignore', why: 'not deferrable' }
  if (fromInbox || attachedCall(state) === undefined) {
    throw new TurnDefect(
      failure('CHP_DECISION_INVALID', 'An event was made to wait although no call is attached.'),
      event
    )
  }
  if (progress === null) return { tag: 'defer', event, why: 'call' }
  const steps = [{ event, root: event.id, replies: [progress], record: state }]
  const plan = { before: record, next: state, steps, call: null, callCause: event.id, audit: [] }
  return {
    tag: 'plan',
    plan: { ...plan, taken: 0, append: event, held: record?.meta.held ?? null }
  }
}

function stepOf(
  state: ConversationRecord,
  event: TurnEvent,
  decided: Exclude<Decision, { tag: 'defer' }>
): Step {
  const settled =
    event.kind === 'CallSettled' ? state.calls.find(({ key }) => key === event.key) : undefined
  const root = settled?.cause ?? event.id
  return decided.tag === 'commit'
    ? { event, root, replies: decided.replies, record: decided.next }
    : { event, root, replies: [], record: state }
}

function readOrNull(parts: Parts, place: RowPlace, row: InboxRow): OutsideEvent | null {
  try {
    return readInboxRow(parts.ring, place, row.row)
  } catch (error) {
    return left(parts, place.conversation, failureOf(error) ?? defectOf(error))
  }
}

/** The decision on an inbox row, or null when the bot throws on it. */
function decidedOrNull(
  parts: Parts,
  conversation: string,
  state: ConversationRecord,
  event: OutsideEvent,
  at: At
): Decision | null {
  const decide = (): Decision => checked(parts.program.decide(state, event, at))
  try {
    return (
      parts.watchdog?.around(watched(conversation, state, { event, parked: null }), decide) ??
      decide()
    )
  } catch (error) {
    return left(parts, null, defectOf(error))
  }
}

function left({ log }: Parts, conversation: string | null, { code, detail }: Failure): null {
  log.debug({ event: 'inbox.left', conversation, code, detail }, 'a waiting event has its own turn')
  return null
}
