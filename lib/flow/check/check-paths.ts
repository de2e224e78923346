import { signerOf } from '../build.ts'
import type { Flow } from '../define-flow.ts'
import { illegalMove } from './check-steps.ts'
import { at, type Finding, type Placed, stepsOf } from './finding.ts'
import { componentOf, leadsOf } from './leads.ts'

/** Steps of a flow that nothing leads to. */
export function checkReach(flow: Flow): readonly Finding[] {
  const steps = new Map(stepsOf([flow]).map(placed => [placed.step, placed]))
  const seen = new Set<string>()
  const ahead = flow.undelivered === null ? [flow.start] : [flow.start, flow.undelivered]
  for (let step = ahead.pop(); step !== undefined; step = ahead.pop()) {
    const placed = steps.get(step)
    if (placed === undefined || seen.has(step)) continue
    seen.add(step)
    const leads = leadsOf(placed)
    // What such a function may reach cannot be seen, so nothing is called unreachable.
    if (leads.some(({ opaque }) => opaque)) return []
    ahead.push(...leads.flatMap(lead => lead.steps))
  }
  return [...steps.values()]
    .filter(({ step }) => !seen.has(step))
    .map(placed => at(placed, 'unreachable', 'no step leads here'))
}

/** Ways through steps that ask nothing and come back to themselves, also through other flows. */
export function checkLoops(flows: ReadonlyMap<string, Flow>, menu: string): readonly Finding[] {
  const placed = stepsOf([...flows.values()])
  const byName = new Map(placed.map(each => [nameOf(each.flow.name, each.step), each]))
  const next = new Map(placed.map(each => [nameOf(each.flow.name, each.step), after(each)]))
  const looping = placed.filter(each => comesBack(nameOf(each.flow.name, each.step)))
  return looping.map(each => at(each, 'loop', 'comes back to itself without asking anything'))

  function after(each: Placed): readonly string[] {
    const component = componentOf(each)
    if (component === undefined || 'receive' in component || 'settle' in component) return []
    return leadsOf(each).flatMap(lead => [
      ...lead.steps.map(step => nameOf(each.flow.name, step)),
      ...lead.flows.flatMap(startOf),
      ...(lead.ends ? startOf(menu) : [])
    ])
  }

  function startOf(flow: string): readonly string[] {
    const start = flows.get(flow)?.start
    return start === undefined ? [] : [nameOf(flow, start)]
  }

  function comesBack(name: string): boolean {
    const seen = new Set<string>()
    const ahead = [...(next.get(name) ?? [])]
    for (let each = ahead.pop(); each !== undefined; each = ahead.pop()) {
      if (each === name) return true
      if (seen.has(each) || !byName.has(each)) continue
      seen.add(each)
      ahead.push(...(next.get(each) ?? []))
    }
    return false
  }
}

/**
 * Ends of flows that are begun, not entered, and whose stage may not move to the menu's: there is
 * no caller to come back to. A flow that is only entered ends where it likes.
 */
export function checkEnds(
  flows: ReadonlyMap<string, Flow>,
  named: readonly string[],
  menu: Flow | undefined,
  mayMove: (from: string, to: string) => boolean
): readonly Finding[] {
  if (menu === undefined) return []
  const placed = stepsOf([...flows.values()])
  const begun = new Set([...named, ...placed.flatMap(leadsOf).flatMap(lead => lead.flows)])
  return placed
    .filter(({ flow }) => begun.has(flow.name) && !mayMove(flow.stage, menu.stage))
    .filter(each => leadsOf(each).some(({ ends }) => ends))
    .map(each => at(each, 'stage', `it ends, and ${illegalMove(each.flow, menu)}`))
}

function nameOf(flow: string, step: string): string {
  return `${flow}.${step}`
}

/** Signed calls without a confirm, and noes of a confirm that lead into one. */
export function checkSignatures(flow: Flow): readonly Finding[] {
  const signers = new Map<string, string>()
  const findings: Finding[] = []
  for (const placed of stepsOf([flow])) {
    const signedBy = signerOf(placed.node)
    if (signedBy === undefined) continue
    signers.set(placed.step, signedBy)
    const node = Object.hasOwn(flow.steps, signedBy) ? flow.steps[signedBy] : undefined
    if (node?.kind !== 'confirm')
      findings.push(at(placed, 'signature', `"${signedBy}" is no confirm of this flow`))
  }
  const denied = stepsOf([flow])
    .filter(({ node }) => node.kind === 'confirm')
    .flatMap(placed =>
      leadsOf(placed)
        .filter(({ on }) => on === 'cancelled')
        .flatMap(({ steps }) => steps)
        .filter(step => signers.has(step))
        .map(step => at(placed, 'signature', `its no leads to the signed call "${step}"`))
    )
  return [...findings, ...denied]
}
