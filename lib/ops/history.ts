import { fail } from '../kernel/failure.ts'
import { chronicleOf, type Row } from './chronicle.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'

/** One version of a conversation: who moved it from where to where, and what that changed. */
export interface HistoryLine {
  readonly version: number
  /** `deferred`: an event that was made to wait. `damaged`: its row cannot be read. */
  readonly tag: 'commit' | 'deferred' | 'damaged'
  /** Store time, in ms. */
  readonly at: number | null
  /** `FLOW.step` before and after; null where nothing moved. */
  readonly from: string | null
  readonly to: string | null
  /** Every event the version took, in order. */
  readonly causes: readonly { readonly kind: string; readonly id: string }[]
  /** Transitions, signatures, settled calls, recoveries, what an operator did. */
  readonly notes: readonly { readonly kind: string; readonly [field: string]: unknown }[]
  /** Names of the fields that were changed, as `flow.step` or `core.token`. */
  readonly changed: readonly string[]
  /** The whole record stands in this row. */
  readonly whole: boolean
}

/** A page of a conversation's history, newest first. */
export interface HistoryPage {
  readonly tag: 'history'
  readonly conversation: string
  readonly epoch: string
  /** The newest version there is. */
  readonly version: number
  readonly lines: readonly HistoryLine[]
  /** Give this as `before` for the next page; null when no older row is kept. */
  readonly before: number | null
}

/** Which part of a history is wanted. */
export interface HistoryRange {
  /** Lines of the page; default 20. */
  readonly limit?: number
  /** Only versions below this one. */
  readonly before?: number
}

/** Reads a page of the history; see `Operator.history`. */
export async function history(
  desk: Desk,
  who: Who,
  { limit = 20, before = Number.POSITIVE_INFINITY }: HistoryRange = {}
): Promise<HistoryPage | Refusal> {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    fail('CHP_INPUT_INVALID', 'The limit of a page must be a whole number above 0.')
  }
  const conversation = await conversationOf(desk, who)
  const chronicle = await chronicleOf(desk.store, conversation)
  if (chronicle === null) return unknownConversation(conversation)
  const { fence, rows } = chronicle
  const older = rows.filter(({ version }) => version < before)
  const page = older.slice(0, limit)
  return {
    tag: 'history',
    conversation,
    epoch: fence.epoch,
    version: fence.version,
    lines: page.map(lineOf),
    before: older.length > page.length ? (page.at(-1)?.version ?? null) : null
  }
}

function lineOf(read: Row): HistoryLine {
  const { version, tag } = read
  const bare = { version, tag, at: null, from: null, to: null, causes: [], notes: [], changed: [] }
  if (read.tag === 'damaged') return { ...bare, whole: false }
  if (read.tag === 'deferred') {
    const { at = null, deferred, why } = read.row
    const notes = [{ kind: 'deferred', why }]
    return { ...bare, at, causes: [deferred], notes, whole: false }
  }
  const { at, from, to, causes, notes, was, gained = [], secrets = [], full } = read.row
  const fields = [...Object.keys(was), ...gained, ...secrets.map(fieldOf)]
  const changed = [...new Set(fields)].sort()
  return { version, tag, at, from, to, causes, notes, changed, whole: full !== undefined }
}

/** `core.token` of `/core/token/value`. */
function fieldOf(pointer: string): string {
  const [, part, field] = pointer.split('/')
  return `${part}.${field}`
}
