import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { HistoryRow } from '../../store/conversation-store.ts'

const Note = t.intersection([
  t.type({ kind: t.string }),
  t.partial({ by: t.string, key: t.string })
])

/** A history row as far as recovery reads it; that of a deferred event has no causes or notes. */
const PastRow = t.partial({
  at: t.number,
  causes: t.readonlyArray(t.type({ kind: t.string, id: t.string })),
  notes: t.readonlyArray(Note),
  was: t.UnknownRecord,
  full: t.string
})
type PastRow = t.TypeOf<typeof PastRow>

/** What a history row says; null for a damaged one. */
export function readPast({ row }: HistoryRow): PastRow | null {
  const parsed = parse(row)
  const decoded = isRight(parsed) ? PastRow.decode(parsed.right) : parsed
  return isRight(decoded) ? decoded.right : null
}
