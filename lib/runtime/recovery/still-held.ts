import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import { type ConversationRecord, HANDOVER_TIMER } from '../../conversation/record.ts'
import type { HistoryRow, InboxRow } from '../../store/conversation-store.ts'

const Row = t.type({
  at: t.number,
  notes: t.readonlyArray(t.intersection([t.type({ kind: t.string }), t.partial({ by: t.string })]))
})

type Holdable = Pick<ConversationRecord, 'meta' | 'timers'>

const KINDS: readonly string[] = ['held', 'resumed', 'handedOver', 'handedBack']

/**
 * An older record, held or not as the newest word in the history (newest first) has it.
 *
 * A long hold outlives that word: then it is held if what came last was made to wait for it. Where
 * the history is whole there was no such word: what waits is from before a rollback of the store.
 */
export function stillHeld<R extends Holdable>(
  record: R,
  history: readonly HistoryRow[],
  inbox: readonly InboxRow[],
  version: number
): R {
  for (const { row } of history) {
    const parsed = parse(row)
    const read = isRight(parsed) ? Row.decode(parsed.right) : parsed
    if (!isRight(read)) continue
    const { at, notes } = read.right
    const note = notes.findLast(({ kind }) => KINDS.includes(kind))
    if (note === undefined) continue
    const { held, ...meta } = record.meta
    if (note.kind === 'handedBack') return { ...record, meta }
    if (note.kind === 'handedOver') return handedOver(record)
    if (note.kind === 'resumed') return { ...record, meta }
    const own = held?.handover === true ? undefined : held
    return { ...record, meta: { ...meta, held: own ?? { at, by: note.by ?? '', told: false } } }
  }
  if (record.meta.held?.handover === true) return handedOver(record)
  if (record.meta.held !== undefined || inbox.at(-1)?.why !== 'hold') return record
  if (history.length >= version && history.every(({ row }) => isRight(parse(row)))) return record
  const held = { at: record.meta.updatedAt, by: 'recovery', told: true }
  return { ...record, meta: { ...record.meta, held } }
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
