import type { Action } from '../action.ts'
import { specOf } from '../build.ts'
import type { Flow } from '../define-flow.ts'
import { fieldsOf } from '../interpreter/frame.ts'
import { at, type Finding, type Placed, stepsOf } from './finding.ts'
import type { Handed } from './flow-data.ts'
import { componentOf, type Lead, leadsOf } from './leads.ts'
import {
  type FieldsWritten,
  fieldsReadBy,
  fieldsWrittenBy,
  flowsGivenBy,
  writtenOf
} from './source-fields.ts'

interface Written {
  /** On every way to the step. */
  readonly surely: ReadonlySet<string>
  /** On some way to the step. */
  readonly maybe: ReadonlySet<string>
}

/**
 * Steps that read a field which no way, or not every way, to them has written.
 *
 * A read with something in its place, such as `data.note ?? ''`, only needs one way; none where
 * older builds may have written the field.
 */
export function checkFields(
  flows: readonly Flow[],
  entered: readonly string[],
  isMigrated: boolean
): readonly Finding[] {
  const given = givenData(flows, entered)
  return flows.flatMap(flow => {
    const known = fieldsOf(flow.data)
    const written = known === null || given.has(flow.name) ? null : writtenBefore(flow)
    if (known === null || written === null) return []
    // What older builds wrote may have been brought along.
    const isOld = isMigrated || flow.upgrade !== null
    return stepsOf([flow]).flatMap(placed =>
      strayReads(placed, known, written.get(placed.step), isOld)
    )
  })
}

function strayReads(
  placed: Placed,
  known: ReadonlySet<string>,
  written: Written | undefined,
  isOld: boolean
): readonly Finding[] {
  if (written === undefined) return []
  const own = ownFields(placed)
  const reads = readersIn(placed).flatMap(([run, handed]) => fieldsReadBy(run, handed))
  const stray = reads.filter(({ field, alternative }) => {
    if (!known.has(field) || own.has(field)) return false
    return alternative ? !isOld && !written.maybe.has(field) : !written.surely.has(field)
  })
  return [...new Set(stray.map(({ field }) => field))].map(field =>
    at(
      placed,
      'field',
      written.maybe.has(field)
        ? `it reads "${field}", which is not written on every way here`
        : `it reads "${field}", which no step before it writes`
    )
  )
}

/** What is written when a step is entered, by step; null when some way cannot be followed. */
function writtenBefore(flow: Flow): Map<string, Written> | null {
  const steps = new Map(stepsOf([flow]).map(placed => [placed.step, placed]))
  const before = new Map<string, Written>()
  const ahead: [string, Written][] = [[flow.start, { surely: new Set(), maybe: new Set() }]]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const [step, comes] = next
    const placed = steps.get(step)
    const merged = mergedWith(before.get(step), comes)
    if (placed === undefined || merged === null) continue
    before.set(step, merged)
    const leads = leadsOf(placed)
    if (leads.some(({ opaque }) => opaque)) return null
    const patches = functionsIn(specOf(placed.node)).flatMap(fieldsWrittenBy)
    // What it writes cannot be seen, so nothing is said of what follows.
    if (patches.some(({ fields }) => fields === null)) return null
    for (const lead of leads)
      for (const to of lead.steps) ahead.push([to, after(placed, merged, lead, to)])
  }
  return before
}

function after(placed: Placed, { surely, maybe }: Written, lead: Lead, to: string): Written {
  const given = lead.on === 'attempts' ? [] : ownFields(placed)
  const moves = [
    ...(lead.actions ?? []).flatMap(patchIn),
    ...functionsIn(specOf(placed.node)).flatMap(fieldsWrittenBy)
  ].filter(({ step }) => step === to)
  const patches = moves.map(({ fields }) => fields ?? [])
  const every = patches.length === 0 ? [] : patches.reduce(inBoth)
  const removed = new Set(moves.flatMap(move => move.removed))
  const kept = [...surely, ...given].filter(field => !removed.has(field))
  return {
    surely: new Set([...kept, ...every]),
    maybe: new Set([...maybe, ...given, ...patches.flat()])
  }
}

function inBoth(one: readonly string[], other: readonly string[]): readonly string[] {
  return one.filter(field => other.includes(field))
}

/** Null when the way that comes adds nothing new. */
function mergedWith(was: Written | undefined, comes: Written): Written | null {
  if (was === undefined) return comes
  const surely = new Set([...was.surely].filter(field => comes.surely.has(field)))
  const maybe = new Set([...was.maybe, ...comes.maybe])
  const same = surely.size === was.surely.size && maybe.size === was.maybe.size
  return same ? null : { surely, maybe }
}

function ownFields(placed: Placed): ReadonlySet<string> {
  return new Set(componentOf(placed)?.fields?.(specOf(placed.node)) ?? [])
}

function patchIn(action: Action): readonly FieldsWritten[] {
  if (action.kind !== 'goto' || action.step === undefined) return []
  return [{ step: action.step, ...writtenOf(Object.entries(action.patch ?? {})) }]
}

/** Flows that some move or step may begin with data: what they hold at first cannot be seen. */
function givenData(flows: readonly Flow[], entered: readonly string[]): ReadonlySet<string> {
  const given = new Set<string>()
  const begun = new Set(entered)
  for (const placed of stepsOf(flows)) {
    const spec = specOf(placed.node) as
      | { readonly flow?: Flow; readonly data?: unknown }
      | undefined
    if (placed.node.kind === 'enter' && spec?.data !== undefined && spec.flow !== undefined)
      given.add(spec.flow.name)
    if (placed.node.kind === 'enter' && spec?.flow !== undefined) begun.add(spec.flow.name)
    for (const name of functionsIn(spec).flatMap(flowsGivenBy)) given.add(name)
    for (const { actions, flows: to, opaque } of leadsOf(placed)) {
      if (opaque) return new Set(flows.map(({ name }) => name))
      for (const name of to) begun.add(name)
      for (const action of actions ?? [])
        if (action.kind === 'goto' && action.flow !== undefined && hasFields(action.data))
          given.add(action.flow)
    }
  }
  // Who begins the others cannot be seen either.
  for (const { name } of flows) if (!begun.has(name)) given.add(name)
  return given
}

function hasFields(data: object): boolean {
  return Object.keys(data).length > 0
}

/** Where the functions of a step are handed the view; the others are handed nothing but it. */
const HANDED: Readonly<Record<string, Handed | undefined>> = {
  'ask.read': { as: 'view', at: 1 },
  'enter.returned': { as: 'view', at: 1 },
  'choose.next': { as: 'hands', at: 1 },
  'call.outcomes': { as: 'hands', at: 1 },
  'call.unreachable': { as: 'hands', at: 0 }
}

function readersIn({ node }: Placed): readonly (readonly [unknown, Handed])[] {
  return Object.entries(specOf(node) ?? {})
    .filter(([name]) => name !== 'call' && name !== 'flow')
    .flatMap(([name, part]) => {
      const handed = HANDED[`${node.kind}.${name}`] ?? { as: 'view', at: 0 }
      return functionsIn(part).map(run => [run, handed] as const)
    })
}

function functionsIn(value: unknown): readonly unknown[] {
  if (typeof value === 'function') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter(([name]) => name !== 'call' && name !== 'flow')
    .flatMap(([, part]) => functionsIn(part))
}
