import type { At, AuditNote, CallIntent, Decision } from '../../conversation/decision.ts'
import {
  type Call,
  type ConversationRecord,
  type Core,
  type FlowFrame,
  HANDOVER_TIMER,
  type Session,
  type Timer
} from '../../conversation/record.ts'
import type { Reply } from '../../conversation/reply.ts'
import type { TurnEvent } from '../../conversation/turn-event.ts'
import { fail } from '../../kernel/failure.ts'
import type { Build } from '../build.ts'
import { ownText, wordsIn } from '../catalogue.ts'
import type { Actions, AnyView, Component } from '../component.ts'
import { frozen } from '../frozen.ts'
import type { Text } from '../text.ts'

/** One decision in the making: what the next state will be, so far. Lives for one `decide`. */
export interface Turn {
  readonly build: Build
  readonly at: At
  readonly event: Pick<TurnEvent, 'kind' | 'id'>
  readonly before: ConversationRecord
  core: Core
  flow: FlowFrame
  calls: readonly Call[]
  timers: readonly Timer[]
  session: Session
  replies: Reply[]
  audit: AuditNote[]
  call: CallIntent | null
  /** The step that gives the conversation to a person in this turn. */
  handover: { readonly by: string } | null
  /** The prompt instance that was confirmed in this very turn. */
  signed: string | null
  /** True when this very turn has brought the frame up to this build. */
  upgraded: boolean
  /** Steps entered so far. */
  moves: number
  view: AnyView | null
}

/** A list of actions, and the component on whose behalf they are done. */
export interface Deeds {
  readonly actions: Actions
  readonly by: Component
}

export function turnOf(
  build: Build,
  before: ConversationRecord,
  event: Pick<TurnEvent, 'kind' | 'id'>,
  at: At
): Turn {
  const { core, flow, calls, timers, session } = before
  return {
    build,
    at,
    event,
    before,
    core,
    flow,
    calls,
    timers,
    session,
    replies: [],
    audit: [],
    call: null,
    handover: null,
    signed: null,
    upgraded: false,
    moves: 0,
    view: null
  }
}

/**
 * Number of the prompt that this turn opens; a turn opens at most one.
 *
 * Several events may be taken into one commit: their prompts are numbered on.
 */
export function ordinalOf({ before, at: { commit } }: Turn): number {
  const { prompt } = before.flow
  const head = `${commit.epoch}.${commit.version}.`
  const tail = `.${commit.nonce}`
  if (prompt === null || !prompt.instance.startsWith(head) || !prompt.instance.endsWith(tail))
    return 0
  return Number(prompt.instance.slice(head.length, -tail.length)) + 1
}

/** The decision as it stands; what has not changed keeps its identity. */
export function committed(turn: Turn): Decision {
  letGo(turn)
  const { build, core, flow, calls, session, before, event, at } = turn
  if (core !== before.core && !build.core.is(core))
    fail(
      'CHP_DECISION_INVALID',
      `core: what was written at ${placeOf(flow)} does not fit its codec.`
    )
  const given = handoverOf(turn)
  return {
    tag: 'commit',
    next: Object.freeze({
      schema: build.schema,
      core: core === before.core ? core : Object.freeze(core),
      flow,
      calls,
      timers: given === null ? withoutHandover(turn.timers) : turn.timers,
      session,
      meta: Object.freeze({
        initializedAt: before.meta.initializedAt,
        updatedAt: at.nowMs,
        updatedBy: Object.freeze({ kind: event.kind, id: event.id })
      })
    }),
    replies: turn.replies,
    call: turn.call,
    audit: turn.audit,
    ...(given === undefined ? {} : { handover: given })
  }
}

/**
 * Lets go of calls that may have been done once their confirm is no longer open, nor will be when a
 * sub-flow returns: from now on they are only read back. Whoever has just turned away from one is
 * told that it may have been made.
 */
function letGo(turn: Turn): void {
  const isLeft = (call: Call): boolean =>
    call.unresolved === 'open' && signedFrame(turn, call) === undefined
  const left = turn.calls.filter(isLeft)
  if (left.length === 0) return
  turn.calls = Object.freeze(
    turn.calls.map((call): Call => {
      if (!isLeft(call)) return call
      turn.audit.push({ kind: 'callDetached', name: call.name, key: call.key })
      return Object.freeze({ ...call, unresolved: 'left' })
    })
  )
  // The flow itself has words for an outcome that it was just told; where the confirm was lost with
  // its record nobody turned away from it, and the apology for that is said already.
  if (turn.event.kind === 'Inbound' && left.some(({ origin }) => origin !== ''))
    turn.replies.unshift({ kind: 'text', text: words(turn, ownText('unresolved')) })
}

/** The frame at hand, or one that waits for it, whose open prompt signed the call. */
export function signedFrame({ flow }: Turn, { origin }: Call): FlowFrame | undefined {
  return framesOf(flow).find(({ prompt }) => prompt?.instance === origin)
}

/** What the turn does to a handover; null: whatever moved the dialogue on has taken it back. */
function handoverOf({ build, flow, handover, before }: Turn): Turn['handover'] | undefined {
  if (build.flows.get(flow.flow)?.steps[flow.step]?.kind === 'handover')
    return handover ?? undefined
  return before.timers.some(isOfHandover) ? null : undefined
}

function withoutHandover(timers: Turn['timers']): Turn['timers'] {
  return Object.freeze(timers.filter(timer => !isOfHandover(timer)))
}

function isOfHandover({ id }: Timer): boolean {
  return id === HANDOVER_TIMER
}

/** The core as steps see it; a step that asks it for the token, as JavaScript may, is told. */
class CoreSeen implements Omit<Core, 'token'> {
  readonly channel: Core['channel']
  readonly locale: string
  readonly member: unknown
  readonly account: string | null
  readonly cache: unknown

  constructor(
    channel: Core['channel'],
    locale: string,
    member: unknown,
    account: string | null,
    cache: unknown
  ) {
    this.channel = channel
    this.locale = locale
    this.member = member
    this.account = account
    this.cache = cache
  }

  get token(): never {
    return fail('CHP_DECISION_INVALID', 'core.token: only a running call is given the token.')
  }
}

/** What steps may look at right now. */
export function viewOf(turn: Turn): AnyView {
  if (turn.view !== null) return turn.view
  const { channel, locale, member, account, cache } = turn.core
  // A record from the store is not frozen yet, and no step may write to it.
  frozen(turn.flow.data)
  frozen(member)
  frozen(cache)
  turn.view = Object.freeze({
    core: Object.freeze(new CoreSeen(channel, locale, member, account, cache)),
    data: turn.flow.data,
    nowMs: turn.at.nowMs
  })
  return turn.view
}

/** Replaces the core. */
export function setCore(turn: Turn, core: Core): void {
  turn.core = core
  turn.view = null
}

/** Replaces the frame. */
export function setFlow(turn: Turn, flow: FlowFrame): void {
  if (flow.data !== turn.flow.data) turn.view = null
  turn.flow = Object.freeze(flow)
}

/** The words of a text in the member's locale. */
export function words(turn: Turn, said: Text): string {
  if (typeof said?.key !== 'string' || typeof said.params !== 'object')
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: what is said must be a text(key).`)
  return wordsIn(turn.build.catalogue, turn.core.locale, said)
}

/** The words of a label, which may be data of the bot, such as a name. */
export function labelOf(turn: Turn, said: Text | string): string {
  return typeof said === 'string' ? said : words(turn, said)
}

/** Sends a reply; a notice that is due goes out right before the first one that carries no note. */
export function emit(turn: Turn, reply: Reply): void {
  const { notice } = turn.session
  if (notice !== null && !('note' in reply)) {
    turn.session = Object.freeze({ ...turn.session, notice: null })
    turn.replies.push({ kind: 'text', text: words(turn, { key: notice, params: {} }) })
  }
  turn.replies.push(reply)
}

/** `FLOW.step`, as it stands in notes and failures. */
export function placeOf({ flow, step }: Pick<FlowFrame, 'flow' | 'step'>): string {
  return `${flow}.${step}`
}

/** A move from one flow to another, as the audit notes it. */
export type Moved = Extract<AuditNote, { kind: 'moved' }>

/** Puts another frame in the place of the one at hand and notes what was dropped. */
export function leave(turn: Turn, frame: FlowFrame, by: Moved['by'], keeps = false): void {
  const kept = framesOf(frame)
  const fields = framesOf(turn.flow)
    .filter(dropped => !kept.includes(dropped))
    .flatMap(({ data }) => Object.keys(data))
  if (fields.length > 0 && !keeps) turn.audit.push({ kind: 'dropped', fields, why: by })
  turn.audit.push({ kind: 'moved', from: placeOf(turn.flow), to: placeOf(frame), by })
  setFlow(turn, frame)
}

function framesOf(frame: FlowFrame): readonly FlowFrame[] {
  return frame.caller === null ? [frame] : [frame, ...framesOf(frame.caller)]
}
