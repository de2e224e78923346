import * as t from 'io-ts'
import type { Program } from '../../conversation/program.ts'
import { Call } from '../../conversation/record.ts'
import type { HistoryRow, StoredCall } from '../../store/conversation-store.ts'
import { readCallHead } from '../rows.ts'
import { readPast } from './past-row.ts'
import { fieldOf, type Whole } from './stored-cores.ts'

/**
 * The open calls of the store, awaited by no step; known by a whole record or by their rows.
 *
 * One that the history saw settle stands in the store only because it may have been done. Nobody
 * knows whether its member has said yes again, so it is not made: the next turn, which finds no
 * confirm for it, has it read back.
 */
export function detachedCalls(
  { calls: definitions }: Pick<Program, 'calls'>,
  open: readonly StoredCall[],
  whole: readonly Whole[],
  history: readonly HistoryRow[]
): readonly Call[] {
  const settled = settledIn(history)
  const known = whole.flatMap(({ value }) => {
    const listed = fieldOf(value, 'calls')
    return Calls.is(listed) ? listed : []
  })
  return open.map(({ key, row }) => {
    const same = known.find(call => call.key === key)
    const unsure = settled.has(key) ? { unresolved: 'open' as const, origin: '' } : {}
    if (same !== undefined) return { ...same, attached: false, ...unsure }
    const { name, cause } = readCallHead(row) ?? { name: 'unreadable', cause: '' }
    const defined = Object.hasOwn(definitions, name) ? definitions[name] : undefined
    const effect = defined?.effect ?? true
    return { key, name, origin: '', cause, effect, attached: false, openedAtMs: 0, ...unsure }
  })
}

function settledIn(history: readonly HistoryRow[]): ReadonlySet<string> {
  const ends = history
    .flatMap(row => readPast(row)?.notes ?? [])
    .filter(({ kind }) => kind === 'callSettled')
  return new Set(ends.flatMap(({ key }) => key ?? []))
}

const Calls = t.readonlyArray(Call)
