import type { Address } from '../conversation/address.ts'
import type { At, AuditNote, CallIntent, Decision } from '../conversation/decision.ts'
import { attachedCall, type ConversationRecord } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import { isFromOutside, type OutsideEvent, type TurnEvent } from '../conversation/turn-event.ts'
import { type Failure, failure, failureOf } from '../kernel/failure.ts'
import type { InboxRow } from '../store/conversation-store.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import { readInboxRow } from './rows.ts'

/** What a turn is about. */
export interface Cause {
  readonly event: TurnEvent
  /** The event is the first inbox row, which the commit takes. */
  readonly fromInbox: boolean
  /** Deciding this event failed too often: reset the conversation and park the event. */
  readonly parked: Failure | null
}

/** One decided event of a turn; a commit may hold several. */
export interface Step {
  readonly event: TurnEvent
  /** Id of the outside event at its root. */
  readonly root: string
  readonly replies: readonly Reply[]
  readonly record: ConversationRecord
}

/** A decided turn, before anything was stored. */
export interface Plan {
  readonly before: ConversationRecord | null
  readonly next: ConversationRecord
  readonly steps: readonly Step[]
  readonly call: CallIntent | null
  /** Root event of the call. */
  readonly callCause: string
  readonly audit: readonly AuditNote[]
  readonly taken: number
  /** The event itself waits in the inbox; the commit only says so to the member. */
  readonly append: OutsideEvent | null
}

export type Planned =
  | { readonly tag: 'plan'; readonly plan: Plan }
  | { readonly tag: 'defer'; readonly event: OutsideEvent }
  | { readonly tag: 'ignore'; readonly why: string }

/** A bug of the bot met while deciding this event; caught only at the actor's edge. */
export class TurnDefect extends Error {
  readonly failure: Failure
  readonly event: TurnEvent
  constructor(failed: Failure, event: TurnEvent) {
    super(failed.detail, { cause: failed.cause })
    this.name = 'TurnDefect'
    this.failure = failed
    this.event = event
  }
}

/** The names under which a turn will be committed. */
export interface Naming {
  readonly epoch: string
  readonly version: number
  readonly head: string
}

/**
 * Decides an event on what the actor remembers, then what waits in the inbox, into one plan.
 *
 * Throws `TurnDefect` when the bot throws on the event itself; an inbox row that throws is left for
 * a turn of its own, so that it cannot take the event before it down.
 */
export function planTurn(
  parts: Parts,
  conversation: string,
  address: Address,
  memory: Memory,
  cause: Cause,
  naming: Naming
): Planned {
  const { program } = parts
  const { event } = cause
  const at = instantOf(parts, event, naming, 0)
  const state = memory.record ?? program.initial(address, at)
  const decided = guarded(event, () =>
    cause.parked === null
      ? program.decide(state, event, at)
      : program.reset(withoutCall(state, event), event, at)
  )
  if (decided.tag === 'ignore') return decided
  if (decided.tag === 'defer') return waits(memory, state, event, decided.progress)

  const steps = [stepOf(state, event, decided)]
  const audit = [...decided.audit]
  let last = decided
  let taken = cause.fromInbox ? 1 : 0
  const place = { conversation, epoch: naming.epoch }
  for (const row of memory.inbox.slice(taken)) {
    if (taken >= parts.limits.inboxRowsPerCommit || last.call !== null) break
    if (!isFree(row, last.next)) break
    const waiting = readInboxRow(parts.ring, place, row.row)
    const answered = deciding(parts, last.next, waiting, naming, steps.length)
    if (answered?.tag !== 'commit') break
    steps.push(stepOf(last.next, waiting, answered))
    audit.push(...answered.audit)
    last = answered
    taken += 1
  }
  return {
    tag: 'plan',
    plan: {
      before: memory.record,
      next: last.next,
      steps,
      call: last.call,
      callCause: steps[steps.length - 1]!.root,
      audit,
      taken,
      append: null
    }
  }
}

/** The event must wait: silently by `defer`, or by a commit that tells the member so. */
function waits(
  { record }: Memory,
  state: ConversationRecord,
  event: TurnEvent,
  progress: Reply | null
): Planned {
  // A timer stays set and a call's result is never made to wait: only outside events queue up.
  if (!isFromOutside(event)) return { tag: 'ignore', why: 'not deferrable' }
  if (progress === null) return { tag: 'defer', event }
  const steps = [{ event, root: event.id, replies: [progress], record: state }]
  const plan = { before: record, next: state, steps, call: null, callCause: event.id, audit: [] }
  return { tag: 'plan', plan: { ...plan, taken: 0, append: event } }
}

/** True when nothing holds this row back any more. */
export function isFree(row: InboxRow, state: ConversationRecord): boolean {
  if (row.why === 'hold') return false
  return row.why !== 'call' || attachedCall(state) === undefined
}

type Committed = Extract<Decision, { tag: 'commit' }>

function stepOf(state: ConversationRecord, event: TurnEvent, { next, replies }: Committed): Step {
  const settled =
    event.kind === 'CallSettled' ? state.calls.find(({ key }) => key === event.key) : undefined
  return { event, root: settled?.cause ?? event.id, replies, record: next }
}

function guarded(event: TurnEvent, decide: () => Decision): Decision {
  try {
    return decide()
  } catch (error) {
    throw new TurnDefect(defectOf(error), event)
  }
}

/** The decision on an inbox row, or null when the bot throws on it. */
function deciding(
  parts: Parts,
  state: ConversationRecord,
  event: TurnEvent,
  naming: Naming,
  ordinal: number
): Decision | null {
  try {
    return parts.program.decide(state, event, instantOf(parts, event, naming, ordinal))
  } catch (error) {
    const failed = defectOf(error)
    parts.log.debug(
      { event: 'inbox.left', code: failed.code },
      'a waiting event failed, it is next'
    )
    return null
  }
}

function defectOf(error: unknown): Failure {
  const carried = failureOf(error)
  if (carried !== undefined) return carried
  const detail = error instanceof Error ? error.message : 'The bot threw a value.'
  return failure('CHP_DECIDE_THREW', detail, error)
}

/** A settled call is over, also for a reset: its outcome must not be awaited again. */
function withoutCall(state: ConversationRecord, event: TurnEvent): ConversationRecord {
  if (event.kind !== 'CallSettled') return state
  return { ...state, calls: state.calls.filter(({ key }) => key !== event.key) }
}

function instantOf(parts: Parts, event: TurnEvent, naming: Naming, ordinal: number): At {
  const { epoch, version, head } = naming
  // Prompt instances of one commit stay apart although it may hold several decisions.
  const base = head.slice(head.indexOf('/') + 1).replace('.', '-')
  const nonce = ordinal === 0 ? base : `${base}-${ordinal}`
  return { nowMs: parts.time.nowMs(), seed: seedOf(event.id), commit: { epoch, version, nonce } }
}

/** A number from an event id (FNV-1a), so that the same event draws the same numbers. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
