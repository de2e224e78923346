import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { ConversationRecord } from '../../conversation/record.ts'
import type { HistoryRow } from '../../store/conversation-store.ts'

const Row = t.type({
  at: t.number,
  notes: t.readonlyArray(t.intersection([t.type({ kind: t.string }), t.partial({ by: t.string })]))
})

/** An older record, held or not as the newest word in the history (newest first) has it. */
export function stillHeld(
  record: ConversationRecord,
  history: readonly HistoryRow[]
): ConversationRecord {
  for (const { row } of history) {
    const parsed = parse(row)
    const read = isRight(parsed) ? Row.decode(parsed.right) : parsed
    if (!isRight(read)) continue
    const { at, notes } = read.right
    const note = notes.findLast(({ kind }) => kind === 'held' || kind === 'resumed')
    if (note === undefined) continue
    const { held, ...meta } = record.meta
    if (note.kind === 'resumed') return { ...record, meta }
    return { ...record, meta: { ...meta, held: held ?? { at, by: note.by ?? '', told: false } } }
  }
  return record
}
