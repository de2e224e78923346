import type { FlowFrame } from '../../conversation/record.ts'
import { type Build, specOf } from '../build.ts'
import type { Flow } from '../define-flow.ts'
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
  return frame.caller === null ? null : invalidFrame(build, frame.caller)
}

function frameProblem(flow: Flow, { step, data, prompt }: FlowFrame): string | null {
  if (!Object.hasOwn(flow.steps, step)) return `flow "${flow.name}" has no step "${step}"`
  if (prompt !== null && !Object.hasOwn(flow.steps, prompt.step))
    return `flow "${flow.name}" has no step "${prompt.step}"`
  const offered = prompt === null ? null : offersOf(flow, prompt.step)
  const strange = offered && prompt?.options.find(option => !offered.includes(option))
  if (typeof strange === 'string') return `flow "${flow.name}" has no option "${strange}"`
  const problem = dataProblem(flow, data)
  return problem === null ? null : `flow "${flow.name}": field ${problem}`
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
  const prompt =
    next.prompt !== null && Object.hasOwn(flow.steps, next.prompt.step) ? next.prompt : null
  const upgraded = { ...next, prompt }
  if (frameProblem(flow, upgraded) === null) setFlow(turn, upgraded)
}

/** True when another build wrote this frame, which this one must leave alone. */
export function isNewer(build: Build, frame: FlowFrame): boolean {
  const known = build.flows.get(frame.flow)?.version ?? frame.flowVersion
  return frame.flowVersion > known || (frame.caller !== null && isNewer(build, frame.caller))
}

/** True when this build cannot go on with the frame: its flow is gone, or too old to bring up. */
export function isRetired({ flow: frame, build }: Turn): boolean {
  return build.flows.get(frame.flow)?.version !== frame.flowVersion
}
