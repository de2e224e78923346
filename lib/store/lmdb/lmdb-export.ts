import type { RootDatabase } from 'lmdb'
import type { Exported, Fence, Rewrite } from '../conversation-store.ts'
import { exportedFrom } from '../exported.ts'
import { callField, fenceText, readStanding } from '../standing.ts'
import { type Desk, putState, stateAt } from './lmdb-conversation.ts'
import { historyAt, parkedAt, slotFieldsAt } from './lmdb-reading.ts'
import { relisted } from './relisted.ts'

/** All that stands under the name of a conversation. */
export function exportAt(
  desk: Desk,
  database: Pick<RootDatabase<string, string>, 'getRange'>
): Exported {
  const { own } = desk
  const kept = stateAt(desk)
  const fields = new Map<string, string>()
  if (kept !== null) {
    for (const { key, value } of database.getRange(own.all)) {
      fields.set(key.slice(own.all.start.length), value)
    }
  }
  const [parked, history] = [parkedAt(desk), historyAt(desk, Number.MAX_SAFE_INTEGER)]
  const taken = (key: string): string | null => {
    const name = key.slice(own.all.start.length)
    const text = fields.get(name) ?? null
    fields.delete(name)
    return text
  }
  taken(own.state)
  const version = kept === null ? 0 : readStanding(kept.standing).version
  for (let at = kept?.historyFirst ?? 1; at <= version; at += 1) taken(own.history(at))
  for (let at = kept?.parkedFirst ?? 1; at < (kept?.parkedNext ?? 1); at += 1) taken(own.parked(at))
  return exportedFrom({
    standing: kept?.standing ?? null,
    dueMs: kept?.dueMs ?? null,
    acknowledgedThrough: kept?.acknowledgedThrough ?? 0,
    minute: kept?.minute ?? 0,
    aliases: taken(own.aliases) ?? '',
    leadsTo: taken(own.leadsTo),
    beneath: taken(own.beneath),
    fields,
    history,
    parked,
    wakeMs: kept?.wakeMs ?? null,
    listed: {
      index: kept === null || version === 0 ? null : kept.minute,
      parked: kept?.parkedMinute ?? null,
      held: kept?.heldMinute ?? null
    }
  })
}

/** Puts texts in the place of others that mean the same. */
export function rewriteAt(desk: Desk, fence: Fence, rows: Rewrite): 'done' | 'conflict' {
  const { shelf, own } = desk
  const kept = stateAt(desk)
  if (kept === null || kept.standing !== fenceText(fence)) return 'conflict'
  const { version, inFirst } = readStanding(kept.standing)
  const put = (key: string | undefined, text: string | null, keepsFirst: boolean): void => {
    const old = key === undefined || text === null ? undefined : shelf.get(key)
    if (old === undefined) return
    shelf.put(key!, keepsFirst ? old.slice(0, old.indexOf(' ') + 1) + text : text!)
  }
  const slots = slotFieldsAt(desk)
  for (const [at, text] of rows.slots.entries()) put(slots[at], text, false)
  for (const { key, row } of rows.calls) put(own.field(`c${callField(key)}`), row, false)
  for (const [at, row] of rows.inbox.entries()) put(own.field(`i${inFirst + at}`), row, true)
  for (const [at, row] of rows.history.entries()) put(own.history(version - at), row, true)
  for (const [at, row] of rows.parked.entries()) put(own.parked(kept.parkedFirst + at), row, false)
  if (rows.unlistParked === true) {
    putState(desk, { ...kept, parkedMinute: relisted(desk, 'parked', kept.parkedMinute, null) })
  }
  return 'done'
}
