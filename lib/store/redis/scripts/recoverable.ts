import type { HistoryRow, Recoverable } from '../../conversation-store.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [records: readonly (string | null)[], rows: readonly string[]]

export const recoverableScript = script('recoverable', 'standing')

/** Every record and history row that is kept. */
export function recoverable(run: RunScript, keys: ConversationKeys): Promise<Recoverable> {
  const args = [2, keys.state, keys.history]
  return run(recoverableScript, args, ([records, rows]: Reply) => ({
    slots: records.filter(record => record !== null),
    history: rows.map(historyRowOf).toReversed()
  }))
}

/** A history row from its text: its head, a space, the row. */
export function historyRowOf(text: string): HistoryRow {
  const space = text.indexOf(' ')
  return { head: text.slice(0, space), row: text.slice(space + 1) }
}
