import { migrated } from '../../conversation/migration.ts'
import type { Program } from '../../conversation/program.ts'
import { attachedCall, type ConversationRecord } from '../../conversation/record.ts'
import type { Clock } from '../../kernel/clock.ts'
import { type Failure, failure, failureOf } from '../../kernel/failure.ts'
import type { Random } from '../../kernel/random.ts'
import { changed, historyRow } from '../../runtime/history-row.ts'
import { checkedState, noStep } from '../../runtime/recovery/read-record.ts'
import type { Commit, ConversationStore, Loaded } from '../../store/conversation-store.ts'
import { decodeRecord, encodeRecord } from '../../store/envelope.ts'
import type { KeyRing } from '../../store/seal.ts'
import { steadily } from '../steadily.ts'

/** What records are migrated with. */
export interface MigrateParts {
  readonly program: Program
  readonly store: ConversationStore
  readonly ring: KeyRing
  readonly clock: Clock
  readonly random: Random
  readonly nextHead: () => string
}

/** What became of one conversation; `schema` is the one it had. */
export type MigratedOne =
  /** Written in the other schema; in a dry run, it would be. */
  | { readonly tag: 'done'; readonly schema: number }
  | { readonly tag: 'skipped'; readonly schema: number }
  | { readonly tag: 'failed'; readonly schema: number | null; readonly failure: Failure }
  /** Erased meanwhile. */
  | { readonly tag: 'gone' }

/** How often a conversation that others commit to is begun again. */
const CONFLICTS_MOST = 20

/** Brings the record of one conversation to a schema, in a commit of its own. */
export async function migrateOne(
  parts: MigrateParts,
  conversation: string,
  { to, dryRun }: { readonly to: number; readonly dryRun: boolean }
): Promise<MigratedOne> {
  const { store } = parts
  let schema: number | null = null
  for (let tries = 0; tries < CONFLICTS_MOST; tries += 1) {
    const loaded = await steadily(parts, () => store.load(conversation)).catch(damageOf)
    if (!('fence' in loaded)) return failed(schema, loaded)
    const ready = readied(parts, conversation, loaded, to)
    if (ready.tag !== 'ready') return ready
    schema = ready.schema
    if (dryRun) return { tag: 'done', schema }
    const outcome = await steadily(parts, () => store.commit(conversation, ready.commit))
    if (outcome.tag === 'committed') return { tag: 'done', schema }
    if (outcome.tag === 'oversize') {
      const detail = `The migrated record has ${outcome.bytes} bytes.`
      return failed(schema, failure('CHP_RECORD_OVERSIZE', detail))
    }
  }
  return failed(schema, failure('CHP_STORE_CONTENDED', `${CONFLICTS_MOST} conflicts in a row.`))
}

type Ready = { readonly tag: 'ready'; readonly schema: number; readonly commit: Commit }

function readied(
  parts: MigrateParts,
  conversation: string,
  loaded: Loaded,
  to: number
): Ready | Exclude<MigratedOne, { tag: 'done' }> {
  const { program, ring } = parts
  const { fence, record: text } = loaded
  if (fence === null || fence.version === 0 || text === null) return { tag: 'gone' }
  const read = decodeRecord(text, { conversation, ring, schema: program.schema })
  if (read.tag !== 'decoded') return failed(null, read.failure)
  const { schema, value } = read
  if (schema === to) return { tag: 'skipped', schema }
  const { migrations = [] } = program
  const made = migrated(migrations, value, { from: schema, to })
  if (made.tag === 'missing') return failed(schema, noStep(schema, made))
  if (made.tag === 'failed') {
    return failed(schema, failure('CHP_RECORD_CORRUPT', `At ${made.field}: ${made.rule}.`))
  }
  const unfit = unfitFor(program, made.value, to)
  if (unfit !== null) return failed(schema, unfit)
  const before = value as ConversationRecord
  const record = made.value as unknown as ConversationRecord
  return { tag: 'ready', schema, commit: commitOf(parts, conversation, loaded, before, record) }
}

/** Why this build would not read the record; of an older schema, once it is brought up again. */
function unfitFor(program: Program, value: unknown, to: number): Failure | null {
  const { schema, migrations = [] } = program
  const up = migrated(migrations, value, { from: to, to: schema })
  if (up.tag !== 'migrated') {
    const detail = `What went down to schema ${to} does not come up again.`
    return failure('CHP_RECORD_CORRUPT', detail)
  }
  const checked = checkedState(program, up.value)
  if (checked.tag === 'valid') return null
  if (checked.tag === 'future') return checked.failure
  const { field, rule } = checked.fault
  return failure('CHP_RECORD_CORRUPT', `The migrated record is no state: at ${field}, ${rule}.`)
}

/** A commit of the record alone: no event, no replies, calls and rows as they are. */
function commitOf(
  { ring, nextHead }: MigrateParts,
  conversation: string,
  { fence, inbox, nowMs }: Loaded,
  before: ConversationRecord,
  record: ConversationRecord
): Commit {
  const { epoch, version } = fence!
  const place = { conversation, epoch, version: version + 1, ring }
  const text = encodeRecord(record, place)
  const { schema: from } = before
  const { schema: to, flow } = record
  return {
    parent: fence,
    epoch,
    head: nextHead(),
    record: text,
    attached: attachedCall(record) !== undefined,
    unreadable: null,
    fingerprint: null,
    history: historyRow({
      version: version + 1,
      at: nowMs,
      schema: from,
      causes: [{ kind: 'Migration', id: `${from}-${to}` }],
      from: `${before.flow.flow}.${before.flow.step}`,
      to: `${flow.flow}.${flow.step}`,
      ...changed(before, record),
      notes: [{ kind: 'migrated', from, to }],
      full: text
    }),
    replies: [],
    openCall: null,
    closeCalls: [],
    effect: false,
    // What waited for a build that reads this schema is looked at by the next sweep.
    dueMs: inbox.length > 0 ? nowMs : null,
    // Nobody has said anything: the conversation keeps its place among the others.
    activeMs: record.meta.updatedAt,
    acknowledgedThrough: null,
    take: 0,
    append: null,
    park: null,
    held: null
  }
}

// One that is damaged does not keep the others from being migrated.
function damageOf(error: unknown): Failure {
  const why = failureOf(error)
  if (why?.tag !== 'Corrupt') throw error
  return why
}

function failed(schema: number | null, why: Failure): Extract<MigratedOne, { tag: 'failed' }> {
  return { tag: 'failed', schema, failure: why }
}
