import { isRight } from 'fp-ts/lib/Either.js'
import type { Errors } from 'io-ts'
import { migrated, migratedCore } from '../../conversation/migration.ts'
import type { Program } from '../../conversation/program.ts'
import type { ConversationRecord } from '../../conversation/record.ts'
import { type Failure, failure } from '../../kernel/failure.ts'
import { unplainPath } from '../../kernel/plain-data.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import type { Loaded } from '../../store/conversation-store.ts'
import { type DecodedRecord, decodeRecord } from '../../store/envelope.ts'
import type { KeyRing } from '../../store/seal.ts'
import { withUnknown } from './unknown-fields.ts'

/** What reads records. */
export interface Reader {
  readonly program: Program
  readonly ring: KeyRing
}

/** The first thing that is wrong with a record: where, and which rule it breaks. */
export interface Fault {
  readonly field: string
  readonly rule: string
}

/** What a stored text is to this build. */
export type ReadRecord =
  | {
      readonly tag: 'valid'
      readonly version: number
      /** The schema it was written in. */
      readonly schema: number
      readonly value: unknown
      readonly record: ConversationRecord
    }
  /** Whole by its checksum, and yet no state of this bot. */
  | {
      readonly tag: 'invalid'
      readonly version: number
      readonly value: unknown
      readonly fault: Fault
    }
  | { readonly tag: 'broken'; readonly fault: Fault }
  /** A secret in it does not open. */
  | { readonly tag: 'sealed'; readonly failure: Failure }
  | { readonly tag: 'future'; readonly failure: Failure }
  /** Of an older schema that no migration leads on from. */
  | { readonly tag: 'past'; readonly failure: Failure }

/** Where a record must belong to be this conversation's. */
export type Belongs = { readonly conversation: string } & Pick<
  NonNullable<Loaded['fence']>,
  'epoch' | 'version'
>

/**
 * Reads one stored record, whatever it holds, and brings one of an older schema to that of this
 * bot; never throws.
 */
export function readRecord({ program, ring }: Reader, text: string, of: Belongs): ReadRecord {
  const { conversation } = of
  const read = decodeRecord(text, { conversation, ring, schema: program.schema })
  if (read.tag === 'future') return { tag: 'future', failure: read.failure }
  if (read.tag === 'corrupt') {
    const { code, detail } = read.failure
    if (code === 'CHP_SEAL_KEY_UNKNOWN') return { tag: 'sealed', failure: read.failure }
    return { tag: 'broken', fault: { field: 'record', rule: detail } }
  }
  const { version, epoch } = read
  if (epoch !== of.epoch || version > of.version) {
    const rule = 'it belongs to another incarnation or to a later version'
    return { tag: 'broken', fault: { field: 'record', rule } }
  }
  const brought = broughtUp(program, read)
  if (brought.tag === 'past') return brought
  const { value } = brought
  if (brought.tag === 'failed') return { tag: 'invalid', version, value, fault: brought.fault }
  const checked = checkedState(program, value)
  if (checked.tag === 'invalid') return { tag: 'invalid', version, value, fault: checked.fault }
  if (checked.tag === 'future') return checked
  return { tag: 'valid', version, schema: read.schema, value, record: checked.record }
}

type Brought =
  | { readonly tag: 'brought'; readonly value: unknown }
  /** The value has the core that could be brought up without the flow, or the old one. */
  | { readonly tag: 'failed'; readonly value: unknown; readonly fault: Fault }
  | { readonly tag: 'past'; readonly failure: Failure }

function broughtUp(
  { migrations = [], schema: to }: Program,
  { value, schema: from }: Extract<DecodedRecord, { tag: 'decoded' }>
): Brought {
  if (from === to) return { tag: 'brought', value }
  const range = { from, to }
  const brought = migrated(migrations, value, range)
  if (brought.tag === 'migrated') return { tag: 'brought', value: brought.value }
  if (brought.tag === 'missing') return { tag: 'past', failure: noStep(from, brought) }
  const { field, rule } = brought
  const old = value as Readonly<Record<string, unknown>>
  const core = migratedCore(migrations, old['core'], range) ?? old['core']
  return { tag: 'failed', value: { ...old, core }, fault: { field, rule } }
}

/** Why a record of this schema must wait: the step that no migration makes. */
export function noStep(
  schema: number,
  { from, to }: { readonly from: number; readonly to: number }
): Failure {
  const detail = `The record has schema ${schema}, and there is no migration ${from} to ${to}.`
  return failure('CHP_MIGRATION_MISSING', detail)
}

export type CheckedState =
  | { readonly tag: 'valid'; readonly record: ConversationRecord }
  | { readonly tag: 'invalid'; readonly fault: Fault }
  | { readonly tag: 'future'; readonly failure: Failure }

/** Whether a value is a state of this bot; a codec or an invariant that throws says no. */
export function checkedState(program: Program, value: unknown): CheckedState {
  try {
    const decoded = program.record.decode(value)
    if (!isRight(decoded)) return { tag: 'invalid', fault: misfit(decoded.left) }
    const record = known(decoded.right, value)
    const wrong = program.invalid(record)
    if (wrong === null) return { tag: 'valid', record }
    if (!wrong.startsWith('newer')) return { tag: 'invalid', fault: { field: 'flow', rule: wrong } }
    const detail = `The stored record is of a newer build: ${wrong}.`
    return { tag: 'future', failure: failure('CHP_RECORD_FUTURE', detail) }
  } catch (error) {
    const rule = `checking it threw: ${whatWasThrown(error)}`
    return { tag: 'invalid', fault: { field: 'record', rule } }
  }
}

/** The record with what its core has beyond the codec; flow data refuses such fields by name. */
function known(record: ConversationRecord, value: unknown): ConversationRecord {
  const core = withUnknown(record.core, (value as Partial<ConversationRecord>).core)
  if (core === record.core) return record
  // What could not be written again (`__proto__`, nested for ever) is nothing that we once wrote.
  return unplainPath(core, { secrets: true }) === null ? { ...record, core } : record
}

// Names of fields and types only: a value may be what a member wrote.
function misfit(errors: Errors): Fault {
  const context = errors[0]?.context ?? []
  const field = context
    .map(({ key }) => key)
    .filter(key => key !== '')
    .join('.')
  const type = context.at(-1)?.type.name ?? 'its codec'
  return { field: field === '' ? 'record' : field, rule: `it is no ${type.slice(0, 60)}` }
}
