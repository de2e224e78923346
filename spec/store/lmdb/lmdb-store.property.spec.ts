import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { compare } from '../../support/differential.ts'
import { lmdbWalk } from '../../support/lmdb-walk.ts'

const SEEDS = 5
const STEPS = 250

describe('the embedded store and its model', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  after(() => rmSync(path, { recursive: true }))

  it('answer and hold the same, whatever is called', async () => {
    const told = new Set<string>()
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      let nowMs = 1_700_000_000_000
      const clock: Clock = {
        nowMs: () => nowMs,
        monotonicMs: () => nowMs,
        after: () => () => undefined
      }
      const model = memoryStore({ clock })
      const store = lmdbStore({ path, clock, namespace: `seed-${seed}` })
      await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
      const advance = async (ms: number): Promise<void> => {
        nowMs += ms
      }
      const given = { model, store, nowMs: () => nowMs, advance }
      const tally = await compare(given, { seed, steps: STEPS })
      for (const key of tally.keys()) told.add(key)
      await store.close()
    }

    // The walk is worth something only when it met what can happen.
    for (const key of ['commit conflict', 'commit duplicate', 'commit gone', 'commit full']) {
      assert.ok(told.has(key), key)
    }
  }).timeout(60_000)

  it('answer and hold the same when two processes share the store', async () => {
    const { told } = await lmdbWalk({ seed: 9, steps: 250 })

    assert.ok(told.has('commit conflict') && told.has('commit committed'))
  }).timeout(60_000)
})
