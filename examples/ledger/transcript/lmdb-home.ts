import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { lmdbStore } from '../../../lib/lmdb.ts'
import { lmdbKeys } from '../../../lib/store/lmdb/lmdb-keys.ts'
import type { StoreKind } from './store-home.ts'

const NAMESPACE = 'case'

/** The embedded store in a directory of its own. */
export const lmdbHome: StoreKind = async () => {
  const path = await mkdtemp(join(tmpdir(), 'chaperone-transcript-'))
  return {
    open: clock => lmdbStore({ path, namespace: NAMESPACE, clock }),
    rewrite: async (id, change) => {
      const database = open<string, string>({ path, noSubdir: false, encoding: 'string' })
      try {
        const own = lmdbKeys(NAMESPACE).conversation(id)
        const slots = [own.field('r0'), own.field('r1')].filter(key => database.doesExist(key))
        const range = { start: own.history(0), end: own.history(Number.MAX_SAFE_INTEGER) }
        const rows = Array.from(database.getKeys(range))
        const texts = (keys: readonly string[]) => keys.map(key => database.get(key) ?? '')
        const changed = change({ records: texts(slots), history: texts(rows) })
        for (const [index, key] of slots.entries()) await database.put(key, changed.records[index]!)
        for (const [index, key] of rows.entries()) await database.put(key, changed.history[index]!)
      } finally {
        await database.close()
      }
    },
    remove: () => rm(path, { recursive: true, force: true })
  }
}
