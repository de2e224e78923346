import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../lib/kernel/clock.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { alternating, chained } from './chained-store.ts'
import { compare } from './differential.ts'
import { Elsewhere } from './lmdb-elsewhere.ts'

/** A random walk on an embedded store that two processes share. */
export interface LmdbWalk {
  readonly seed: number
  readonly steps: number
  /** Share of the other process's calls during which it is killed; default 0. */
  readonly killed?: number
}

/** Walks the store and its model: how often each answer came, and the other was killed. */
export async function lmdbWalk({ seed, steps, killed = 0 }: LmdbWalk): Promise<{
  readonly told: ReadonlyMap<string, number>
  readonly kills: number
}> {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  let time = 1_700_000_000_000
  const nowMs = (): number => time
  const clock: Clock = { nowMs, monotonicMs: nowMs, after: () => () => undefined }
  const here = lmdbStore({ path, clock })
  const random = seededRandom(seed)
  const elsewhere = new Elsewhere({ path, namespace: 'main', nowMs, killed, random })
  const advance = async (ms: number): Promise<void> => {
    time += ms
  }
  try {
    await here.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    const store = chained(alternating(here, elsewhere.store, random), nowMs)
    const given = { model: memoryStore({ clock }), store, nowMs, advance }
    const told = await compare(given, { seed, steps })
    return { told, kills: elsewhere.kills }
  } finally {
    await elsewhere.end()
    await here.close()
    rmSync(path, { recursive: true })
  }
}
