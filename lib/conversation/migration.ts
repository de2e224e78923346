import { unplainPath } from '../kernel/plain-data.ts'
import { Secret } from '../kernel/secret.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { FlowFrame } from './record.ts'

/**
 * What a step of a migration is given and gives back: plain data and, in the core, secrets.
 *
 * `flow` is one frame, without the frames that wait for it.
 */
export interface MigrationState {
  readonly core: Readonly<Record<string, unknown>>
  readonly flow: Omit<FlowFrame, 'caller'>
}

/**
 * One step between two schemas of a bot: pure and synchronous, there and back.
 *
 * It is run for the frame at hand and once more for each frame that waits for it, every time with
 * the same core; of the later runs only the frame counts.
 */
export interface Migration {
  readonly from: number
  /** Always `from + 1`. */
  readonly to: number
  up(state: MigrationState): MigrationState
  down(state: MigrationState): MigrationState
  /** Calls that have another name from `to` on: the old name to the new one. Inputs stay. */
  readonly calls?: Readonly<Record<string, string>>
}

/** What became of a record on its way to another schema. */
export type Migrated =
  | { readonly tag: 'migrated'; readonly value: Readonly<Record<string, unknown>> }
  /** There is no such step: nothing was tried. */
  | { readonly tag: 'missing'; readonly from: number; readonly to: number }
  /** A step threw, or gave back what is no state. */
  | { readonly tag: 'failed'; readonly field: string; readonly rule: string }

/** The steps a record takes between two schemas, in order; or the first that is missing. */
type Path =
  | { readonly tag: 'path'; readonly steps: readonly Step[] }
  | { readonly tag: 'missing'; readonly from: number; readonly to: number }

interface Step {
  readonly from: number
  readonly to: number
  readonly run: (state: MigrationState) => MigrationState
  readonly calls: ReadonlyMap<string, string>
}

/**
 * Brings a record of one schema to another, up or down, one step after the other.
 *
 * The value is left as it is, whatever a step does to what it is given; never throws.
 */
export function migrated(
  migrations: readonly Migration[],
  value: unknown,
  { from, to }: { readonly from: number; readonly to: number }
): Migrated {
  const path = pathOf(migrations, from, to)
  if (path.tag === 'missing') return path
  let record: unknown = value
  for (const step of path.steps) {
    const next = stepped(step, record)
    if (next.tag !== 'migrated') return next
    record = next.value
  }
  return isObject(record)
    ? { tag: 'migrated', value: record }
    : failed('record', 'it is no object to migrate')
}

/**
 * The core of a record alone, for when its flow is what no step can take; undefined when the core
 * cannot be brought there either.
 */
export function migratedCore(
  migrations: readonly Migration[],
  core: unknown,
  range: { readonly from: number; readonly to: number }
): unknown {
  const alone = migrated(migrations, { core, flow: NO_FLOW }, range)
  return alone.tag === 'migrated' ? alone.value['core'] : undefined
}

const NO_FLOW: FlowFrame = {
  flow: '',
  flowVersion: 0,
  step: '',
  data: {},
  prompt: null,
  validation: { inProgress: false, attempts: 0, lastAttempt: null, error: null },
  caller: null
}

/** The steps from one schema to another, each a neighbour of the one before. */
function pathOf(migrations: readonly Migration[], from: number, to: number): Path {
  const isUp = from < to
  const steps: Step[] = []
  for (let at = from; at !== to; at += isUp ? 1 : -1) {
    const low = isUp ? at : at - 1
    const found = migrations.find(migration => migration.from === low)
    if (found === undefined) return { tag: 'missing', from: at, to: isUp ? at + 1 : at - 1 }
    steps.push(isUp ? upOf(found) : downOf(found))
  }
  return { tag: 'path', steps }
}

function upOf(migration: Migration): Step {
  const { from, to, calls = {} } = migration
  return { from, to, run: state => migration.up(state), calls: new Map(Object.entries(calls)) }
}

function downOf(migration: Migration): Step {
  const { from, to, calls = {} } = migration
  const back = new Map(Object.entries(calls).map(([before, after]) => [after, before]))
  return { from: to, to: from, run: state => migration.down(state), calls: back }
}

function stepped({ from, to, run, calls }: Step, record: unknown): Migrated {
  const name = `migration ${from} to ${to}`
  if (!isObject(record)) return failed('record', 'it is no object to migrate')
  const { core, flow } = record
  if (!isObject(core)) return failed('core', 'it is no object to migrate')
  const frames = framesOf(flow)
  if (frames === null) return failed('flow', 'it is no frame to migrate')
  const made: MigrationState[] = []
  for (const frame of frames) {
    try {
      const next: unknown = run({ core: copied(core), flow: copied(frame) } as MigrationState)
      const stray = strayOf(next)
      if (stray !== null) return failed(stray, `${name} gave back no plain state`)
      made.push(next as MigrationState)
    } catch (error) {
      return failed('record', `${name} threw: ${whatWasThrown(error)}`)
    }
  }
  const value = {
    ...record,
    schema: to,
    core: made[0]!.core,
    flow: made.map(({ flow: frame }) => frame).reduceRight(calledBy, null as object | null),
    calls: renamed(record['calls'], calls),
    ...withoutKept(record['session'])
  }
  return { tag: 'migrated', value }
}

/** Frames as a list, the one at hand first, each without its caller; null when they are none. */
function framesOf(flow: unknown): readonly object[] | null {
  const frames: object[] = []
  for (let at = flow; at !== null; ) {
    if (!isObject(at)) return null
    const { caller = null, ...frame } = at
    frames.push(frame)
    at = caller
  }
  return frames.length === 0 ? null : frames
}

function calledBy(caller: object | null, frame: object): object {
  return { ...frame, caller }
}

// A dialogue that was set aside is of the old schema, and nobody is in it.
function withoutKept(session: unknown): { readonly session?: object } {
  if (!isObject(session) || session['kept'] === undefined) return {}
  return {
    session: Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'kept'))
  }
}

function renamed(calls: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || !Array.isArray(calls)) return calls
  return calls.map((call: unknown) => {
    const name = isObject(call) ? call['name'] : undefined
    const other = typeof name === 'string' ? names.get(name) : undefined
    return other === undefined ? call : { ...(call as object), name: other }
  })
}

const WITH_SECRETS = { secrets: true } as const

/** Where what a step gave back is no core and frame of plain data; null when it is. */
function strayOf(next: unknown): string | null {
  if (!isObject(next)) return 'record'
  const { core, flow } = next
  if (!isObject(core)) return 'core'
  if (!isObject(flow)) return 'flow'
  const inCore = unplainPath(core, WITH_SECRETS)
  if (inCore !== null) return `core.${inCore}`
  const inFlow = unplainPath(flow)
  return inFlow === null ? null : `flow.${inFlow}`
}

// A step that changes what it was given must not change what another reader holds.
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]))
}

function failed(field: string, rule: string): Migrated {
  return { tag: 'failed', field, rule }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
