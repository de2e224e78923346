import type { RootDatabase } from 'lmdb'
import type { Listing, ListName, StoreStats } from '../conversation-store.ts'
import { idOf, type LmdbKeys } from './lmdb-keys.ts'

type Keys = Pick<RootDatabase<string, string>, 'getKeys' | 'getKeysCount'>

/** A page of a list, the newest first. */
export function listed(
  database: Keys,
  keys: LmdbKeys,
  name: ListName,
  cursor: string | null,
  limit: number
): Listing {
  const range = { ...keys.listBefore(name, cursor), reverse: true, limit: limit + 2 }
  const found = Array.from(database.getKeys(range))
  const positions = found.map(key => key.slice(key.lastIndexOf(':') + 1))
  const older = positions.filter(at => cursor === null || at < cursor)
  const page = older.slice(0, limit)
  return { ids: page.map(idOf), cursor: older.length > limit ? (page.at(-1) ?? null) : null }
}

/** Counts keys; takes time in proportion to how many there are. */
export function counted(database: Keys, keys: LmdbKeys, nowMs: number): StoreStats {
  return {
    conversations: database.getKeysCount(keys.wholeList('index')),
    due: database.getKeysCount(keys.allDue),
    overdue: database.getKeysCount(keys.dueBefore(nowMs + 1)),
    parked: database.getKeysCount(keys.wholeList('parked')),
    held: database.getKeysCount(keys.wholeList('held'))
  }
}
