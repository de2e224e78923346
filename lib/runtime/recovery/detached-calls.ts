import * as t from 'io-ts'
import type { Program } from '../../conversation/program.ts'
import { Call } from '../../conversation/record.ts'
import type { StoredCall } from '../../store/conversation-store.ts'
import { readCallHead } from '../rows.ts'
import { fieldOf, type Whole } from './stored-cores.ts'

/** The open calls of the store, awaited by no step; known by a whole record or by their rows. */
export function detachedCalls(
  { calls: definitions }: Pick<Program, 'calls'>,
  open: readonly StoredCall[],
  whole: readonly Whole[]
): readonly Call[] {
  const known = whole.flatMap(({ value }) => {
    const listed = fieldOf(value, 'calls')
    return Calls.is(listed) ? listed : []
  })
  return open.map(({ key, row }) => {
    const same = known.find(call => call.key === key)
    if (same !== undefined) return { ...same, attached: false }
    const { name, cause } = readCallHead(row) ?? { name: 'unreadable', cause: '' }
    const defined = Object.hasOwn(definitions, name) ? definitions[name] : undefined
    const effect = defined?.effect ?? true
    return { key, name, origin: '', cause, effect, attached: false, openedAtMs: 0 }
  })
}

const Calls = t.readonlyArray(Call)
