import type { At, Decision } from '../../conversation/decision.ts'
import type { ResetWay } from '../../conversation/program.ts'
import type { ConversationRecord } from '../../conversation/record.ts'
import type { Reply } from '../../conversation/reply.ts'
import type { TurnEvent } from '../../conversation/turn-event.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import { type Build, signerOf } from '../build.ts'
import { ownText } from '../catalogue.ts'
import { bareFrame, dataProblem, flowOf } from './frame.ts'
import { answer } from './inbound.ts'
import { enterStep, moveTo, perform } from './perform.ts'
import { detach, dropNotice, expire, isLate, slide } from './session.ts'
import { closeCall } from './settled.ts'
import { committed, type Deeds, leave, type Moved, type Turn, turnOf, words } from './turn.ts'

const MENU: ResetWay = { to: null, apology: null }

/**
 * The menu with the core kept and one apology before it, or the flow and step that the policy
 * names; for somebody who is not signed in, the way in. Total: when even that throws, the
 * conversation rests at the start with the apology only.
 */
export function reset(
  build: Build,
  state: ConversationRecord,
  event: TurnEvent,
  at: At,
  way: ResetWay = MENU
): Decision {
  try {
    const turn = cleared(build, state, event, at)
    turn.replies.push(apology(turn, way))
    if (turn.core.member === null && build.knowsMembers) wakeStart(turn, byOf(event))
    else if (way.to !== null) perform(turn, recoverAt(turn, way.to, byOf(event)))
    else perform(turn, moveTo(turn, build.menu, byOf(event)))
    return committed(turn)
  } catch (error) {
    return bareReset(build, state, event, at, way, error)
  }
}

function bareReset(
  build: Build,
  state: ConversationRecord,
  event: TurnEvent,
  at: At,
  way: ResetWay,
  error: unknown
): Decision {
  const turn = cleared(build, state, event, at)
  const why = `the menu threw too: ${whatWasThrown(error)}`
  turn.audit.push({ kind: 'dropped', fields: ['menu'], why })
  leave(turn, bareFrame(flowOf(build, build.start)), byOf(event))
  turn.replies.push(apology(turn, way))
  return committed(turn)
}

/**
 * Why a reset cannot lead there, or null: flow and step must exist, and begin without data and
 * without a signature.
 */
export function unresettable(
  build: Build,
  { flow: name, step }: NonNullable<ResetWay['to']>
): string | null {
  const flow = build.flows.get(name)
  if (flow === undefined) return `there is no flow "${name}"`
  const node = Object.hasOwn(flow.steps, step) ? flow.steps[step] : undefined
  if (node === undefined) return `flow "${name}" has no step "${step}"`
  const signer = signerOf(node)
  if (signer !== undefined) {
    return `step "${step}" is a call that only a yes at "${signer}" may begin: lead to "${signer}"`
  }
  const problem = dataProblem(flow, {})
  return problem === null ? null : `flow "${name}" cannot begin without data: field ${problem}`
}

function recoverAt(turn: Turn, to: NonNullable<ResetWay['to']>, by: Moved['by']): Deeds | null {
  leave(turn, bareFrame(flowOf(turn.build, to.flow)), by)
  return enterStep(turn, to.step)
}

function apology(turn: Turn, way: ResetWay): Reply {
  return { kind: 'text', text: way.apology ?? words(turn, ownText('reset')) }
}

function byOf({ kind }: TurnEvent): Moved['by'] {
  return kind === 'OperatorCommand' ? 'operator' : 'reset'
}

/** The state without call attached, notice and the cause itself, before anything is shown. */
function cleared(build: Build, state: ConversationRecord, event: TurnEvent, at: At): Turn {
  const turn = turnOf(build, state, event, at)
  if (event.kind === 'Inbound') {
    if (isLate(turn, event.arrivedAtMs)) expire(turn)
    slide(turn, event.arrivedAtMs)
  }
  if (event.kind === 'CallSettled') {
    const call = turn.calls.find(({ key }) => key === event.key)
    if (call !== undefined) closeCall(turn, { ...call, attached: false }, event)
  }
  if (event.kind === 'TimerDue') {
    turn.timers = turn.timers.filter(({ id }) => id !== event.timer)
    turn.session = { ...turn.session, deadline: null }
  }
  detach(turn)
  dropNotice(turn)
  return turn
}

function wakeStart(turn: Turn, by: Moved['by']): void {
  leave(turn, bareFrame(flowOf(turn.build, turn.build.start)), by)
  answer(turn, { content: { kind: 'unsupported', what: 'reset' } })
}
