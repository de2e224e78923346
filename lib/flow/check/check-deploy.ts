import * as E from 'fp-ts/lib/Either.js'
import type { Core, FlowFrame } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import type { Flow } from '../define-flow.ts'
import type { Finding } from './finding.ts'
import { type BotOutline, type FlowOutline, outlineOf } from './outline.ts'

/**
 * What conversations that the previous build left in mid-flow would meet in this one.
 *
 * A frame of an equal version that names what is gone is taken for damage; an older one needs
 * `upgrade`, or its member loses the flow.
 */
export function checkDeploy(spec: BotSpec<Core>, previous: BotOutline): readonly Finding[] {
  const now = outlineOf(spec)
  const flows = new Map(spec.flows.map(flow => [flow.name, flow]))
  const older =
    now.schema < previous.schema
      ? [finding(null, null, `schema ${now.schema} is lower than ${previous.schema} before`)]
      : []
  return [
    ...older,
    ...Object.entries(previous.flows).flatMap(([name, was]) => {
      const flow = flows.get(name)
      const is = now.flows[name]
      if (flow === undefined || is === undefined)
        return finding(name, null, 'the flow is gone: who is in it is sent to the menu')
      return checkFlow(flow, was, is)
    })
  ]
}

function checkFlow(flow: Flow, was: FlowOutline, is: FlowOutline): readonly Finding[] {
  const { name, version } = flow
  if (version < was.version)
    return [finding(name, null, `version ${version} is lower than ${was.version} before`)]
  if (version === was.version)
    return gone(was, is).map(({ step, what }) =>
      finding(name, step, `${what} is gone: raise the version above ${version}`)
    )
  return Object.keys(was.steps)
    .filter(step => !Object.hasOwn(flow.steps, step))
    .flatMap(step => {
      const why = notUpgraded(flow, was, step)
      return why === null ? [] : finding(name, step, `the step is gone: ${why}`)
    })
}

function gone(was: FlowOutline, is: FlowOutline): readonly { step: string | null; what: string }[] {
  const fields = is.fields
  return [
    ...Object.entries(was.steps).flatMap(([step, options]) => {
      if (!Object.hasOwn(is.steps, step)) return [{ step, what: 'the step' }]
      const now = is.steps[step]
      // Options that follow from data are not known to be gone.
      if (now === null || now === undefined) return []
      return (options ?? [])
        .filter(option => !now.includes(option))
        .map(option => ({ step, what: `option "${option}"` }))
    }),
    ...(was.fields ?? [])
      .filter(field => fields !== null && !fields.includes(field))
      .map(field => ({ step: null, what: `field "${field}" of its data` }))
  ]
}

/** Why frames at this step are not brought up; null when they are, as far as it can be seen. */
function notUpgraded(flow: Flow, was: FlowOutline, step: string): string | null {
  const { upgrade } = flow
  if (upgrade === null) return 'the flow has no upgrade'
  const bare = bareFrameAt(flow.name, was.version, step)
  const made = E.tryCatch(() => upgrade(bare), E.toError)
  // It wants data, which only real frames have.
  if (E.isLeft(made)) return null
  if (made.right === null) return 'upgrade gives nothing for it'
  const to = made.right.step
  return Object.hasOwn(flow.steps, to) ? null : `upgrade leads to "${to}"`
}

function bareFrameAt(flow: string, flowVersion: number, step: string): FlowFrame {
  return {
    flow,
    flowVersion,
    step,
    data: Object.freeze({}),
    prompt: null,
    validation: { inProgress: false, attempts: 0, lastAttempt: null, error: null },
    caller: null
  }
}

function finding(flow: string | null, step: string | null, says: string): Finding {
  return { kind: 'deploy', flow, step, says }
}
