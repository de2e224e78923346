import type { ListName } from '../conversation-store.ts'
import type { LmdbKeys } from './lmdb-keys.ts'

interface Listed {
  readonly shelf: { put(key: string, value: string): void; remove(key: string): void }
  readonly keys: Pick<LmdbKeys, 'listed'>
  readonly id: string
}

/** Moves a conversation in a list; null takes it out, or says that it is not in it. */
export function relisted(
  { shelf, keys, id }: Listed,
  name: ListName,
  before: number | null,
  after: number | null
): number | null {
  if (before === after) return after
  if (before !== null) shelf.remove(keys.listed(name, before, id))
  if (after !== null) shelf.put(keys.listed(name, after, id), '1')
  return after
}
