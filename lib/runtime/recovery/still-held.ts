import { type ConversationRecord, HANDOVER_TIMER } from '../../conversation/record.ts'
import type { HistoryRow, InboxRow } from '../../store/conversation-store.ts'
import { readPast } from './past-row.ts'

type Holdable = Pick<ConversationRecord, 'meta' | 'timers'>

const KINDS: readonly string[] = ['held', 'resumed', 'handedOver', 'handedBack']

/**
 * An older record, held or not as the newest word in the history (newest first) has it.
 *
 * A long hold outlives that word: then it is held if what came last, while the record could be
 * read, was made to wait for it. Where the history is whole there was no such word: what waits is
 * from before a rollback of the store.
 */
export function stillHeld<R extends Holdable>(
  record: R,
  history: readonly HistoryRow[],
  inbox: readonly InboxRow[],
  version: number
): R {
  const past = history.map(readPast)
  for (const row of past) {
    const { at, notes = [] } = row ?? {}
    const note = notes.findLast(({ kind }) => KINDS.includes(kind))
    if (at === undefined || note === undefined) continue
    const { held, ...meta } = record.meta
    if (note.kind === 'handedBack') return { ...record, meta }
    if (note.kind === 'handedOver') return handedOver(record)
    if (note.kind === 'resumed') return { ...record, meta }
    const own = held?.handover === true ? undefined : held
    return { ...record, meta: { ...meta, held: own ?? { at, by: note.by ?? '', told: false } } }
  }
  if (record.meta.held?.handover === true) return handedOver(record)
  if (record.meta.held !== undefined || lastWhy(inbox) !== 'hold') return record
  if (past.length >= version && !past.includes(null)) return record
  const held = { at: record.meta.updatedAt, by: 'recovery', told: true }
  return { ...record, meta: { ...record.meta, held } }
}

function lastWhy(inbox: readonly InboxRow[]): InboxRow['why'] | undefined {
  return inbox.findLast(({ why }) => why === 'hold' || why === 'call')?.why
}

/**
 * What a step gave to a person goes with that step: an older record says it of itself, and its
 * timer must be set, for nothing else may ever take the conversation back.
 */
function handedOver<R extends Holdable>(record: R): R {
  const { held, ...meta } = record.meta
  const isEnding = record.timers.some(({ id }) => id === HANDOVER_TIMER)
  return held?.handover === true && isEnding ? record : { ...record, meta }
}
