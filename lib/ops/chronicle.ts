import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import {
  BOUNDS,
  type ConversationStore,
  type Fence,
  type HistoryRow,
  type Loaded
} from '../store/conversation-store.ts'

const Cause = t.type({ kind: t.string, id: t.string })
const Note = t.intersection([t.type({ kind: t.string }), t.UnknownRecord])

const CommitRow = t.intersection([
  t.type({
    version: t.number,
    at: t.number,
    causes: t.readonlyArray(Cause),
    from: t.string,
    to: t.string,
    was: t.UnknownRecord,
    notes: t.readonlyArray(Note)
  }),
  t.partial({
    schema: t.number,
    gained: t.readonlyArray(t.string),
    secrets: t.readonlyArray(t.string),
    full: t.string
  })
])
/** The row of a commit, as `lib/runtime/history-row.ts` writes it. */
export type CommitRow = t.TypeOf<typeof CommitRow>

const DeferredRow = t.intersection([
  t.type({ deferred: Cause, why: t.string }),
  t.partial({ at: t.number })
])
type DeferredRow = t.TypeOf<typeof DeferredRow>

/** One version in the history: a commit, an event that was made to wait, or what is no row. */
export type Row = { readonly version: number } & (
  | { readonly tag: 'commit'; readonly row: CommitRow }
  | { readonly tag: 'deferred'; readonly row: DeferredRow }
  | { readonly tag: 'damaged' }
)

/** What a store holds of a conversation and of its past. */
export interface Chronicle {
  readonly conversation: string
  readonly fence: Fence
  readonly loaded: Loaded
  /** Newest first, one a version and none left out. */
  readonly rows: readonly Row[]
}

/**
 * Reads a conversation with its history, changing nothing; null when nothing is stored.
 *
 * The rows are empty when the history is not that of the record.
 */
export async function chronicleOf(
  store: ConversationStore,
  conversation: string
): Promise<Chronicle | null> {
  const loaded = await store.load(conversation)
  const { fence } = loaded
  if (fence === null || fence.version === 0) return null
  const rows = await store.history(conversation, { limit: 2 * BOUNDS.historyRowsMost })
  return { conversation, fence, loaded, rows: numbered(rows, fence) }
}

/** The newest commit at or below a version: events that were made to wait change no record. */
export function commitAt(
  rows: readonly Row[],
  version: number
): Extract<Row, { tag: 'commit' }> | null {
  for (const row of rows) if (row.version <= version && row.tag === 'commit') return row
  return null
}

// What was committed after the load stands above its row, and is left for the next look.
function numbered(rows: readonly HistoryRow[], { head, version }: Fence): readonly Row[] {
  const known = rows.findIndex(row => row.head === head)
  if (known < 0) return []
  return rows.slice(known).map(({ row }, index) => readRow(row, version - index))
}

function readRow(text: string, version: number): Row {
  const parsed = parse(text)
  if (!isRight(parsed)) return { tag: 'damaged', version }
  const commit = CommitRow.decode(parsed.right)
  if (isRight(commit)) {
    const isOwn = commit.right.version === version
    return isOwn ? { tag: 'commit', version, row: commit.right } : { tag: 'damaged', version }
  }
  const deferred = DeferredRow.decode(parsed.right)
  if (isRight(deferred)) return { tag: 'deferred', version, row: deferred.right }
  return { tag: 'damaged', version }
}
