import { specOf } from '../build.ts'
import type { Flow } from '../define-flow.ts'
import { fieldsOf } from '../interpreter/frame.ts'
import { rightOf } from '../interpreter/perform.ts'
import { at, type Finding, type Placed } from './finding.ts'
import { componentOf, type Lead, leadsOf, missingWays } from './leads.ts'

/** What is wrong with a step by itself and with where it goes. */
export function checkStep(
  placed: Placed,
  flows: ReadonlyMap<string, Flow>,
  mayMove: (from: string, to: string) => boolean
): readonly Finding[] {
  const component = componentOf(placed)
  if (component === undefined)
    return [at(placed, 'step', `there is no component "${placed.node.kind}"`)]
  const spec = specOf(placed.node) as Readonly<Record<string, unknown>> | undefined
  const lacking = component.needs.filter(name => spec?.[name] === undefined)
  if (lacking.length > 0)
    return lacking.map(name => at(placed, 'step', `${placed.node.kind} needs "${name}"`))
  const known = fieldsOf(placed.flow.data)
  const strange = (component.fields?.(spec) ?? []).filter(field => known?.has(field) === false)
  if (strange.length > 0)
    return strange.map(field => at(placed, 'step', `the flow's data has no field "${field}"`))
  const problems = component.problems?.(spec) ?? []
  const endless = component.endless?.(spec) ?? null
  const leads = leadsOf(placed)
  return [
    ...problems.map(says => at(placed, 'outcome', says)),
    ...(endless === null ? [] : [at(placed, 'wait', endless)]),
    ...missingWays(placed).map(on => at(placed, 'outcome', `nothing follows "${on}"`)),
    ...(leads.length === 0 ? [at(placed, 'outcome', 'a dead end: nothing follows it')] : []),
    ...leads.flatMap(lead => [
      ...strayRights(placed, lead, component.may),
      ...strayTargets(placed, lead, flows, mayMove)
    ])
  ]
}

function strayRights(
  placed: Placed,
  { actions }: Lead,
  may: ReadonlySet<string>
): readonly Finding[] {
  return (actions ?? [])
    .map(rightOf)
    .filter(right => !may.has(right))
    .map(right => at(placed, 'right', `${placed.node.kind} may not "${right}"`))
}

function strayTargets(
  placed: Placed,
  lead: Lead,
  flows: ReadonlyMap<string, Flow>,
  mayMove: (from: string, to: string) => boolean
): readonly Finding[] {
  const { flow } = placed
  return [
    ...lead.steps
      .filter(step => !Object.hasOwn(flow.steps, step))
      .map(step => at(placed, 'target', `there is no step "${step}" in this flow`)),
    ...lead.flows.flatMap(name => {
      const to = flows.get(name)
      if (to === undefined) return at(placed, 'target', `there is no flow "${name}"`)
      return mayMove(flow.stage, to.stage) ? [] : at(placed, 'stage', illegalMove(flow, to))
    }),
    ...(lead.actions ?? []).flatMap(action => {
      if (action.kind !== 'refuse' && action.kind !== 'back') return []
      const node = Object.hasOwn(flow.steps, action.step) ? flow.steps[action.step] : undefined
      const takes = node === undefined || componentOf({ ...placed, node })?.receive !== undefined
      return takes ? [] : at(placed, 'target', `"${action.step}" takes no input to go back to`)
    })
  ]
}

/** Names both stages of a move that the graph does not have. */
export function illegalMove(from: Flow, to: Flow): string {
  return `stage ${from.stage} may not move to ${to.stage} (flow "${to.name}")`
}
