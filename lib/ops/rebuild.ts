import * as t from 'io-ts'
import { migrated } from '../conversation/migration.ts'
import { Call, FlowFrame, Meta, Session, Timer } from '../conversation/record.ts'
import { decodeRecord } from '../store/envelope.ts'
import { type Chronicle, type CommitRow, commitAt, type Row } from './chronicle.ts'
import { type Desk, type Refusal, refusal } from './desk.ts'

/** A record as it was, put together from what the history keeps; its secrets are redacted. */
export interface PastRecord {
  readonly schema: number
  readonly core: unknown
  readonly flow: FlowFrame
  readonly calls: readonly Call[]
  /** Null where the history does not tell: session and timers stand in whole records only. */
  readonly session: Session | null
  readonly timers: readonly Timer[] | null
  readonly meta: Meta | null
}

/** The record of a version. */
export interface Rebuilt {
  readonly tag: 'rebuilt'
  readonly record: PastRecord
  /** The commit that made it; null when its row is no longer kept. */
  readonly row: CommitRow | null
}

/**
 * Puts the record of a version together: from the nearest whole record at or above it, with the
 * previous values of what was changed since, one version after the other.
 *
 * Refuses with `CHP_VERSION_UNKNOWN` a version the history does not list, with
 * `CHP_VERSION_UNREADABLE` one that nothing whole leads to, with the code of the record where only
 * another build or key can read it.
 */
export function rebuilt(
  desk: Pick<Desk, 'program' | 'ring'>,
  chronicle: Chronicle,
  version: number
): Rebuilt | Refusal {
  const { rows, fence } = chronicle
  const oldest = rows.at(-1)?.version ?? fence.version
  const isListed = rows.some(row => row.version === version) || version === fence.version
  if (!isListed) {
    const kept = `versions ${oldest} to ${fence.version} are kept`
    return refusal('CHP_VERSION_UNKNOWN', `There is no version ${version}; ${kept}.`)
  }
  const commit = commitAt(rows, version)
  let last: Refusal | null = null
  for (const base of basesOf(chronicle, commit?.version ?? 0)) {
    const read = readBase(desk, chronicle, base)
    const made = read.tag === 'refused' ? read : walkedBack(rows, read, version, commit?.row)
    if (made.tag === 'rebuilt') return broughtUp(desk, made)
    last = made
  }
  return last ?? unreadable(version, 'no whole record is kept at or above it')
}

/** A record of an older schema as this build would read it; as it is where no step leads up. */
function broughtUp({ program }: Pick<Desk, 'program'>, made: Rebuilt): Rebuilt {
  const { schema: from } = made.record
  const up = migrated(program.migrations ?? [], made.record, { from, to: program.schema })
  return up.tag === 'migrated' && Past.is(up.value)
    ? { ...made, record: up.value as unknown as PastRecord }
    : made
}

/** Whole records at or above a version, the lowest first; the newest record comes last. */
function basesOf({ loaded, rows }: Chronicle, version: number): readonly string[] {
  const whole = rows
    .filter(row => row.version >= version)
    .flatMap(row => (row.tag === 'commit' && row.row.full !== undefined ? [row.row.full] : []))
  return [...whole.reverse(), ...(loaded.record === null ? [] : [loaded.record])]
}

interface Base {
  readonly tag: 'base'
  readonly version: number
  readonly schema: number
  readonly value: Readonly<Record<string, unknown>>
}

function readBase(
  { program, ring }: Pick<Desk, 'program' | 'ring'>,
  { conversation, fence }: Chronicle,
  text: string
): Base | Refusal {
  const read = decodeRecord(text, { conversation, ring, schema: program.schema })
  if (read.tag !== 'decoded') return refusal(read.failure.code, read.failure.detail)
  const { version, schema, epoch } = read
  if (epoch !== fence.epoch) {
    return refusal('CHP_RECORD_CORRUPT', 'A whole record of another incarnation.')
  }
  // A round trip through JSON redacts every secret, as the rows have done.
  const value = JSON.parse(JSON.stringify(read.value)) as Base['value']
  return { tag: 'base', version, schema, value }
}

/** Takes back, version by version, what was changed after the one that is wanted. */
function walkedBack(
  rows: readonly Row[],
  { version: from, schema, value }: Base,
  to: number,
  row: CommitRow | undefined
): Rebuilt | Refusal {
  const fields = fieldsOf(value)
  let written = schema
  for (let version = from; version > to; version -= 1) {
    const passed = rows.find(other => other.version === version)
    if (passed?.tag === 'deferred') continue
    if (passed?.tag !== 'commit') return unreadable(to, `the row of version ${version} is damaged`)
    const barrier = barrierOf(passed.row, written)
    if (barrier !== null) return unreadable(to, `version ${version} ${barrier}`)
    // The row of a migration holds all that it changed, as the schema before it had it.
    written = passed.row.schema ?? written
    for (const [field, was] of Object.entries(passed.row.was)) fields.set(field, was)
    for (const field of passed.row.gained ?? []) fields.delete(field)
  }
  const isWhole = row === undefined ? from <= to : row.version === from
  const record = recordOf(written, fields, isWhole ? value : null, value, row)
  return Past.is(record)
    ? { tag: 'rebuilt', record: record as PastRecord, row: row ?? null }
    : unreadable(to, 'what is kept makes no record')
}

/** Why nothing behind this commit can be told from it. */
function barrierOf({ notes, schema: written }: CommitRow, schema: number): string | null {
  if (notes.some(({ kind }) => kind === 'recovery')) return 'recovered from a damaged record'
  if (written === schema || notes.some(({ kind, to }) => kind === 'migrated' && to === schema)) {
    return null
  }
  return 'was written by another schema'
}

type Fields = Map<string, unknown>

/** A record one level into core and flow, as the rows name its fields. */
function fieldsOf({ core, flow, calls }: Base['value']): Fields {
  const fields: Fields = new Map([['calls', calls]])
  for (const [part, value] of Object.entries({ core, flow })) {
    for (const [key, inner] of Object.entries(value ?? {})) fields.set(`${part}.${key}`, inner)
  }
  return fields
}

function partOf(fields: Fields, part: string): Readonly<Record<string, unknown>> {
  const head = `${part}.`
  const inner = Array.from(fields).filter(([field]) => field.startsWith(head))
  return Object.fromEntries(inner.map(([field, value]) => [field.slice(head.length), value]))
}

function recordOf(
  schema: number,
  fields: Fields,
  whole: Base['value'] | null,
  { meta }: Base['value'],
  row: CommitRow | undefined
): Readonly<Record<keyof PastRecord, unknown>> {
  return {
    schema,
    core: partOf(fields, 'core'),
    flow: partOf(fields, 'flow'),
    calls: fields.get('calls'),
    session: whole?.['session'] ?? null,
    timers: whole?.['timers'] ?? null,
    meta: whole?.['meta'] ?? metaOf(meta, row)
  }
}

/** The meta of a record that only its row is kept of: the first cause is the one that wrote it. */
function metaOf(later: unknown, row: CommitRow | undefined): Meta | null {
  const cause = row?.causes[0]
  if (row === undefined || cause === undefined || !Meta.is(later)) return null
  const { initializedAt } = later
  return { initializedAt, updatedAt: row.at, updatedBy: { kind: cause.kind, id: cause.id } }
}

const Past = t.type({
  flow: FlowFrame,
  calls: t.readonlyArray(Call),
  session: t.union([Session, t.null]),
  timers: t.union([t.readonlyArray(Timer), t.null]),
  meta: t.union([Meta, t.null])
})

function unreadable(version: number, why: string): Refusal {
  return refusal('CHP_VERSION_UNREADABLE', `Version ${version} cannot be put together: ${why}.`)
}
