import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { looksBack } from '../support/looks-back.ts'

describe('an operator after thirty turns, in memory', () => {
  const store = memoryStore()
  looksBack(() => store)
})

describe('an operator after thirty turns, on LMDB', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-ops-'))
  after(() => rmSync(path, { recursive: true }))
  looksBack(() => lmdbStore({ path }))
})
