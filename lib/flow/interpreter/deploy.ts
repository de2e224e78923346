import type { FlowFrame, Prompt } from '../../conversation/record.ts'
import { type Build, specOf } from '../build.ts'
import type { Flow } from '../define-flow.ts'
import { OFFER, offers } from '../resume-offer.ts'
import { dataProblem, stepOf } from './frame.ts'
import { setFlow, type Turn } from './turn.ts'

/**
 * What is wrong with a frame for this build, or null.
 *
 * A newer flow version begins with `newer`; an older one, or a flow that is gone, is not wrong but
 * retired. A step, option or field that an equal version does not know is wrong.
 */
export function invalidFrame(build: Build, frame: FlowFrame): string | null {
  const flow = build.flows.get(frame.flow)
  if (flow === undefined) return frame.caller === null ? null : invalidFrame(build, frame.caller)
  const { flowVersion } = frame
  if (flowVersion > flow.version)
    return `newer: flow "${flow.name}" is at version ${flowVersion}, this build has ${flow.version}`
  if (flowVersion === flow.version) {
    const problem = frameProblem(flow, frame)
    if (problem !== null) return problem
  }
  if (frame.caller === null) return null
  return strayMove(build, flow, frame.caller) ?? invalidFrame(build, frame.caller)
}

/** A flow that another one of its version has entered against the stage graph. */
function strayMove({ flows, stages }: Build, { stage }: Flow, caller: FlowFrame): string | null {
  const from = flows.get(caller.flow)
  if (from === undefined || from.version !== caller.flowVersion) return null
  return stages(from.stage, stage) ? null : `stage ${from.stage} may not move to ${stage}`
}

function frameProblem(flow: Flow, { step, data, prompt }: FlowFrame): string | null {
  if (!Object.hasOwn(flow.steps, step)) return `flow "${flow.name}" has no step "${step}"`
  const asked = prompt === null ? null : promptProblem(flow, prompt)
  if (asked !== null) return asked
  const problem = dataProblem(flow, data)
  return problem === null ? null : `flow "${flow.name}": field ${problem}`
}

function promptProblem(flow: Flow, { step, options }: Prompt): string | null {
  if (!Object.hasOwn(flow.steps, step)) return `flow "${flow.name}" has no step "${step}"`
  const offered = offersOf(flow, step)
  const strange = offered && options.find(option => !offered.includes(option))
  return typeof strange === 'string' ? `flow "${flow.name}" has no option "${strange}"` : null
}

// Null when the options of the step follow from data, so that none is known to be strange.
function offersOf(flow: Flow, step: string): readonly string[] | null {
  const { node, component } = stepOf(flow, step)
  return component.offers?.(specOf(node)) ?? null
}

/** Brings an older frame up to this build where its flow can; the same turn otherwise. */
export function upgrade(turn: Turn): void {
  const { flow: frame, build } = turn
  const flow = build.flows.get(frame.flow)
  if (flow === undefined || frame.flowVersion >= flow.version || flow.upgrade === null) return
  const made = flow.upgrade(frame)
  if (made === null) return
  const next: FlowFrame = { ...frame, ...made, flowVersion: flow.version }
  const upgraded = { ...next, prompt: promptOn(flow, frame, made.step) }
  if (frameProblem(flow, upgraded) !== null) return
  setFlow(turn, upgraded)
  turn.upgraded = true
}

/**
 * The open prompt, its step under the name it has now. A question that is not asked like this any
 * more is not open: the next message asks it anew.
 */
function promptOn(flow: Flow, { step: was, prompt }: FlowFrame, is: string): Prompt | null {
  if (prompt === null) return null
  const renamed = { ...prompt, step: prompt.step === was ? is : prompt.step }
  if (promptProblem(flow, renamed) !== null) return null
  return stepOf(flow, renamed.step).component.receive === undefined ? null : renamed
}

/** True when another build wrote this frame, which this one must leave alone. */
export function isNewer(build: Build, frame: FlowFrame): boolean {
  const known = build.flows.get(frame.flow)?.version ?? frame.flowVersion
  return frame.flowVersion > known || (frame.caller !== null && isNewer(build, frame.caller))
}

/**
 * True when this build cannot go on with the frame: its flow is gone or too old to bring up, or is
 * the offer to go on with one that offers it no more.
 */
export function isRetired({ flow: frame, build }: Turn): boolean {
  if (frame.flow === OFFER && !offers(build.flows, frame.data['flow'])) return true
  return build.flows.get(frame.flow)?.version !== frame.flowVersion
}
