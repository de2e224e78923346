import { type Core, type FlowFrame, HANDOVER_TIMER } from '../../conversation/record.ts'
import { fail } from '../../kernel/failure.ts'
import type {
  Action,
  Back,
  Begin,
  CoreAct,
  End,
  Forget,
  Goto,
  Patched,
  Refuse,
  Remind,
  Say
} from '../action.ts'
import { specOf } from '../build.ts'
import { ownText } from '../catalogue.ts'
import type { AnyHands, Component, Entry, Fields, Right, Settling } from '../component.ts'
import { accessors } from '../core-accessors.ts'
import { type CoreHands, coreHands } from '../core-hands.ts'
import { OFFER } from '../resume-offer.ts'
import { invalidFrame, isRetired, upgrade } from './deploy.ts'
import { bareFrame, dataProblem, flowOf, patched, stepOf, withoutUndefined } from './frame.ts'
import { keptFor, takeKept } from './kept.ts'
import { open } from './prompt.ts'
import { turnDown } from './refusal.ts'
import { forgetReminder, remind } from './told.ts'
import {
  type Deeds,
  emit,
  leave,
  type Moved,
  placeOf,
  setCore,
  setFlow,
  type Turn,
  viewOf,
  words
} from './turn.ts'

/** Steps that one turn may enter; beyond it the bot goes in circles without asking anything. */
const MOVES_MAX = 32
export const CALLS_MAX = 4
const CALLERS_MAX = 8

/** Does what a step returned, and what the steps it leads to return, until one waits. */
export function perform(turn: Turn, deeds: Deeds | null): void {
  let rest = deeds
  while (rest !== null) rest = performOnce(turn, rest)
}

function performOnce(turn: Turn, { actions, by }: Deeds): Deeds | null {
  const list: readonly Action[] = Array.isArray(actions) ? actions : [actions as Action]
  for (const action of list) {
    if (typeof action?.kind !== 'string')
      return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: a step must give moves, at once.`)
    const performer = performers[action.kind]
    const right = rightOf(action)
    if (performer === undefined || !by.may.has(right))
      fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: this step may not "${right}".`)
    const led = performer(turn, action as never, by)
    if (led !== undefined) return led
  }
  return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: nothing says where to go.`)
}

/** The right that an action needs. */
export function rightOf(action: Action): Right {
  if (action.kind === 'core') return (action as CoreAct).act as Right
  return 'patch' in action && action.patch !== undefined ? 'write' : action.kind
}

/** Deeds to go on with, null when a step waits, undefined when the list goes on. */
type Performer<A> = (turn: Turn, action: A, by: Component) => Deeds | null | undefined

const performers: Readonly<Record<Action['kind'], Performer<never>>> = {
  say: (turn: Turn, { text, note }: Say) => {
    const reply = { kind: 'text', text: words(turn, text) } as const
    emit(turn, note === null ? reply : { ...reply, note })
    return undefined
  },
  remind: (turn: Turn, reminder: Remind) => {
    remind(turn, reminder)
    return undefined
  },
  forget: (turn: Turn, reminder: Forget) => {
    forgetReminder(turn, reminder)
    return undefined
  },
  core: (turn: Turn, { act, value }: CoreAct) => {
    const accessor = accessors[act as keyof CoreHands<Core>]
    setCore(turn, accessor(turn.core, value as never, turn.at.nowMs))
    return undefined
  },
  goto: (turn: Turn, move: Goto | Patched | Begin) => {
    if (move.flow !== undefined) return begin(turn, move.flow, move.data)
    if (move.patch !== undefined) write(turn, move.patch as Fields)
    return enterStep(turn, move.step)
  },
  end: (turn: Turn, { text, value }: End) => {
    if (text !== null) emit(turn, { kind: 'text', text: words(turn, text) })
    const { caller } = turn.flow
    return caller === null ? begin(turn, turn.build.menu, {}) : comeBack(turn, caller, value)
  },
  resume: takeUp,
  refuse: (turn: Turn, { step, text }: Refuse) => turnDown(turn, step, text, true),
  back: (turn: Turn, { step, text }: Back) => turnDown(turn, step, text, false)
}

/** Writes fields of the flow's data, checked by its codec. */
export function write(turn: Turn, patch: Fields): void {
  const data = patched(flowOf(turn.build, turn.flow.flow), turn.flow, patch)
  setFlow(turn, { ...turn.flow, data })
}

/** Enters a step: it may wait, go on, call, or enter another flow. */
export function enterStep(turn: Turn, step: string): Deeds | null {
  turn.moves += 1
  if (turn.moves > MOVES_MAX)
    fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: over ${MOVES_MAX} moves without asking.`)
  const { node, component } = stepOf(flowOf(turn.build, turn.flow.flow), step)
  if (step !== turn.flow.step) setFlow(turn, { ...turn.flow, step })
  const entry = component.enter(specOf(node), viewOf(turn))
  return entries[entry.tag](turn, entry as never, component, specOf(node))
}

type Enterer<E> = (turn: Turn, entry: E, by: Component, spec: unknown) => Deeds | null
type EntryOf<T extends Entry['tag']> = Extract<Entry, { tag: T }>

const entries: Readonly<Record<Entry['tag'], Enterer<never>>> = {
  waits: (turn: Turn, { shown }: EntryOf<'waits'>) => {
    open(turn, shown)
    return null
  },
  goes: (_turn: Turn, { actions }: EntryOf<'goes'>, by: Component) => ({ actions, by }),
  calls: request,
  enters: (turn: Turn, { flow, data }: EntryOf<'enters'>) => {
    const caller = turn.flow
    if (depthOf(caller) >= CALLERS_MAX)
      fail('CHP_DECISION_INVALID', `${placeOf(caller)}: over ${CALLERS_MAX} flows in each other.`)
    return begin(turn, flow.name, data, caller)
  },
  handsOver: (turn: Turn, { text, withinMs }: EntryOf<'handsOver'>) => {
    emit(turn, { kind: 'text', text: words(turn, text) })
    open(turn, { text: null, options: [] })
    const dueMs = turn.at.nowMs + withinMs
    const others = turn.timers.filter(({ id }) => id !== HANDOVER_TIMER)
    turn.timers = Object.freeze([
      ...others,
      Object.freeze({ id: HANDOVER_TIMER, dueMs, what: 'return' })
    ])
    turn.handover = Object.freeze({ by: placeOf(turn.flow) })
    return null
  }
}

function depthOf(frame: FlowFrame): number {
  return frame.caller === null ? 1 : 1 + depthOf(frame.caller)
}

function request(
  turn: Turn,
  { call, input, signedBy }: EntryOf<'calls'>,
  by: Component,
  spec: unknown
): Deeds | null {
  const origin = signedBy === null ? turn.event.id : turn.signed
  // One that is made again takes its own place.
  const others = turn.calls.filter(other => other.origin !== origin || other.name !== call.name)
  if (others.length >= CALLS_MAX)
    return settle(turn, by, spec, { tag: 'unreachable', known: 'not-done' })
  const decoded = call.input.decode(input)
  if (decoded._tag === 'Left')
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: the call's input does not fit.`)
  if (signedBy !== null && (turn.signed === null || turn.flow.prompt?.step !== signedBy)) {
    // Where the build before stood was no yes to what this one asks.
    if (turn.upgraded) return enterStep(turn, signedBy)
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: not signed by "${signedBy}".`)
  }
  turn.call = Object.freeze({
    name: call.name,
    input: decoded.right,
    origin: origin as string,
    effect: call.effect
  })
  return null
}

/** What a step makes of a call that settled or a sub-flow that returned. */
export function settle(turn: Turn, by: Component, spec: unknown, settling: Settling): Deeds {
  const hands: AnyHands = { core: coreHands, view: viewOf(turn) }
  if (by.settle === undefined)
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: this step awaits no outcome.`)
  return { actions: by.settle(spec, settling, hands), by }
}

/** Begins a flow as a move of a flow: the stage graph must allow it. */
function begin(
  turn: Turn,
  name: string,
  data: Fields,
  caller: FlowFrame | null = null
): Deeds | null {
  const from = flowOf(turn.build, turn.flow.flow)
  const to = flowOf(turn.build, name)
  if (!turn.build.stages(from.stage, to.stage)) {
    turn.audit.push({ kind: 'refusedMove', from: from.stage, to: to.stage })
    emit(turn, { kind: 'text', text: words(turn, ownText('reset')) })
    return moveTo(turn, turn.build.menu, 'reset')
  }
  const begun = withoutUndefined(data)
  const problem = dataProblem(to, begun)
  if (problem !== null) fail('CHP_DECISION_INVALID', `${to.name}.${to.start}: field ${problem}.`)
  return moveTo(turn, name, 'flow', begun, caller)
}

/** Leaves the frame at hand for the start of a flow; every way into a flow passes here. */
export function moveTo(
  turn: Turn,
  name: string,
  by: Moved['by'],
  data: Fields = {},
  caller: FlowFrame | null = null
): Deeds | null {
  if (name === turn.build.menu && by === 'flow' && caller === null) {
    const offered = offerKept(turn)
    if (offered !== undefined) return offered
  }
  leave(turn, bareFrame(flowOf(turn.build, name), data, caller), by)
  return enterStep(turn, turn.flow.step)
}

/** Offers what the last session left, in the place of the menu; undefined when that is nothing. */
export function offerKept(turn: Turn): Deeds | null | undefined {
  const kept = keptFor(turn)
  if (kept === null) return undefined
  leave(turn, bareFrame(flowOf(turn.build, OFFER), { flow: kept.frame.flow }), 'flow')
  return enterStep(turn, turn.flow.step)
}

function takeUp(turn: Turn): Deeds | null {
  const frame = takeKept(turn)
  if (frame === null) return moveTo(turn, turn.build.menu, 'flow')
  leave(turn, frame, 'flow')
  upgrade(turn)
  if (isRetired(turn) || invalidFrame(turn.build, turn.flow) !== null) return retire(turn)
  return enterStep(turn, turn.flow.step)
}

function comeBack(turn: Turn, caller: FlowFrame, value: unknown): Deeds | null {
  const ended = flowOf(turn.build, turn.flow.flow)
  if (ended.returns !== null && !ended.returns.is(value))
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: the value does not fit its codec.`)
  leave(turn, caller, 'flow')
  upgrade(turn)
  if (isRetired(turn)) return retire(turn)
  const { node, component } = stepOf(flowOf(turn.build, turn.flow.flow), turn.flow.step)
  return settle(turn, component, specOf(node), { tag: 'returned', value })
}

/** Says that the dialogue is no longer there, and goes to the menu. */
export function retire(turn: Turn): Deeds | null {
  const said = turn.build.flows.get(turn.flow.flow)?.retired ?? ownText('retired')
  emit(turn, { kind: 'text', text: words(turn, said) })
  return moveTo(turn, turn.build.menu, 'retired')
}
