import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/kernel/clock.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { begun } from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

/** A clock on which all time limits pass when it is next asked what time it is. */
function hurried(): Clock & { hurry(): void } {
  const limits = new Set<() => void>()
  let isHurried = false
  return {
    ...systemClock,
    hurry: () => {
      isHurried = true
    },
    nowMs: () => {
      if (isHurried) for (const over of limits) over()
      isHurried = false
      return systemClock.nowMs()
    },
    after: (ms, run) => {
      limits.add(run)
      const cancel = systemClock.after(ms, run)
      return () => {
        limits.delete(run)
        cancel()
      }
    }
  }
}

describe('a claim of an embedded store', () => {
  it('that is given up while it is written is handed out by the next one, in order', async () => {
    const path = mkdtempSync(join(tmpdir(), 'chaperone-claims-'))
    const clock = hurried()
    const store = lmdbStore({ path, clock })
    await store.open(SECRETS)
    const ids: string[] = []
    for (let dueMs = 1; dueMs <= 6; dueMs += 1) ids.push((await begun(store, { dueMs })).id)

    clock.hurry()
    assert.equal(await codeOf(store.claimDue(3, 600_000)), 'CHP_STORE_UNAVAILABLE')

    const pages = [await store.claimDue(4, 600_000), await store.claimDue(4, 600_000)]
    assert.deepEqual(pages, [ids.slice(0, 4), ids.slice(4)])
    assert.deepEqual(await store.claimDue(4, 600_000), [])
    await store.close()
    rmSync(path, { recursive: true })
  })
})
