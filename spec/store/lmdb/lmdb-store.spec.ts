import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { storeContract } from '../../../lib/testing/store-contract.ts'

describe('the embedded store', () => {
  let nowMs = 1_700_000_000_123
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => () => undefined
  }
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  const store = lmdbStore({ path, clock })
  const other = lmdbStore({ path, clock })
  const advance = async (ms: number): Promise<void> => {
    nowMs += ms
  }

  before(async () => {
    const secrets = () => ({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    await store.open(secrets())
    await other.open(secrets())
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    rmSync(path, { recursive: true })
  })

  for (const { name, check } of storeContract) {
    it(name, async () => check({ store, other, advance }))
  }
})
