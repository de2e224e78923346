import * as t from 'io-ts'
import type { FlowFrame, Validation } from '../../conversation/record.ts'
import { fail } from '../../kernel/failure.ts'
import type { Build } from '../build.ts'
import type { Component, Fields } from '../component.ts'
import { components } from '../components/index.ts'
import type { Flow } from '../define-flow.ts'
import { frozen } from '../frozen.ts'
import type { StepNode } from '../step.ts'
import { placeOf } from './turn.ts'

/** Nothing refused yet. */
export const FRESH: Validation = Object.freeze({
  inProgress: false,
  attempts: 0,
  lastAttempt: null,
  error: null
})

const noData: Fields = Object.freeze({})

/** The frame of a flow that nobody has entered yet: at its start, no prompt open. */
export function bareFrame(
  flow: Flow,
  data: Fields = noData,
  caller: FlowFrame | null = null
): FlowFrame {
  return Object.freeze({
    flow: flow.name,
    flowVersion: flow.version,
    step: flow.start,
    data: frozen(data),
    prompt: null,
    validation: FRESH,
    caller
  })
}

/** The flow of this name; a missing one is a defect of the bot. */
export function flowOf(build: Build, name: string): Flow {
  return (
    build.flows.get(name) ??
    fail('CHP_DECISION_INVALID', `There is no flow "${name}" in bot "${build.name}".`)
  )
}

/** The step of this name, with the component that runs it. */
export function stepOf(flow: Flow, step: string): { node: StepNode; component: Component } {
  const node = Object.hasOwn(flow.steps, step) ? flow.steps[step] : undefined
  const component = node === undefined ? undefined : components[node.kind]
  if (node === undefined || component === undefined)
    return fail('CHP_DECISION_INVALID', `${flow.name}.${step}: there is no such step.`)
  return { node, component }
}

/**
 * Data with a patch written over it; a field of `undefined` goes.
 *
 * Fails with `CHP_DECISION_INVALID`, naming the field, when the flow's codec refuses it.
 */
export function patched(flow: Flow, { step, data }: FlowFrame, patch: Fields): Fields {
  const next: Record<string, unknown> = { ...data }
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined) delete next[field]
    else next[field] = frozen(value)
  }
  const problem = dataProblem(flow, next)
  if (problem !== null)
    fail('CHP_DECISION_INVALID', `${placeOf({ flow: flow.name, step })}: field ${problem}.`)
  return Object.freeze(next)
}

/** Data without these fields; the same data when it has none of them. */
export function without(data: Fields, fields: readonly string[]): Fields {
  if (!fields.some(field => Object.hasOwn(data, field))) return data
  return Object.freeze(
    Object.fromEntries(Object.entries(data).filter(([field]) => !fields.includes(field)))
  )
}

/** Data without fields of `undefined`, which no store would keep. */
export function withoutUndefined(data: Fields): Fields {
  return without(
    data,
    Object.keys(data).filter(field => data[field] === undefined)
  )
}

/** Which field a flow's codec refuses, without its value; null when all of them fit. */
export function dataProblem(flow: Flow, data: Fields): string | null {
  const known = fieldsOf(flow.data)
  const stray = known === null ? undefined : Object.keys(data).find(field => !known.has(field))
  if (stray !== undefined) return `"${stray}" is not declared`
  if (flow.data.is(data)) return null
  const decoded = flow.data.decode(data)
  const path = decoded._tag === 'Left' ? (decoded.left[0]?.context ?? []) : []
  const field = path.find(({ key }) => known?.has(key) === true)
  return `"${field?.key ?? '?'}" does not fit its codec`
}

const fieldsByCodec = new WeakMap<object, ReadonlySet<string> | null>()

/** The field names of a record codec, or null when it does not tell them. */
export function fieldsOf(codec: t.Mixed): ReadonlySet<string> | null {
  const seen = fieldsByCodec.get(codec)
  if (seen !== undefined) return seen
  const fields = readFields(codec)
  fieldsByCodec.set(codec, fields)
  return fields
}

function readFields(codec: t.Mixed): ReadonlySet<string> | null {
  if (codec instanceof t.InterfaceType || codec instanceof t.PartialType)
    return new Set(Object.keys(codec.props as object))
  if (codec instanceof t.ExactType || codec instanceof t.ReadonlyType)
    return fieldsOf(codec.type as t.Mixed)
  if (!(codec instanceof t.IntersectionType)) return null
  const parts = (codec.types as readonly t.Mixed[]).map(fieldsOf)
  const known = parts.flatMap(part => (part === null ? [] : [...part]))
  return parts.includes(null) ? null : new Set(known)
}
