import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { clusterTime } from '../../support/cluster-time.ts'
import { compare } from '../../support/differential.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { startSentinelGroup } from '../../support/redis-sentinel.ts'
import type { RedisServer } from '../../support/redis-server.ts'
import { storeTime } from '../../support/store-time.ts'

const SEEDS = 4
const STEPS = 150

interface Deployed {
  readonly place: RedisStoreOptions
  readonly masters: readonly RedisServer[]
  readonly edited: (lua: string) => string
  readonly advance: (ms: number) => Promise<void>
  readonly stop: () => Promise<void>
}

async function watched(): Promise<Deployed> {
  const group = await startSentinelGroup()
  const master = await group.master()
  const redis = new Redis(master.url)
  return {
    place: { sentinel: group.place },
    masters: [master],
    edited: storeTime.parts.edited,
    advance: async ms => storeTime.advance(redis, ms),
    stop: async () => {
      redis.disconnect()
      await group.stop()
    }
  }
}

async function clustered(): Promise<Deployed> {
  const cluster = await startCluster()
  return {
    place: { cluster: cluster.urls },
    masters: cluster.masters,
    edited: clusterTime.parts.edited,
    advance: async ms => clusterTime.advance(cluster, ms),
    stop: async () => cluster.stop()
  }
}

async function walk(
  { place, masters, edited, advance }: Deployed,
  seed: number
): Promise<readonly string[]> {
  for (const { url } of masters) {
    const redis = new Redis(url)
    await redis.flushall()
    redis.disconnect()
  }
  let offsetMs = 0
  const nowMs = (): number => Date.now() + offsetMs
  const clock: Clock = { nowMs, monotonicMs: nowMs, after: () => () => undefined }
  const model = memoryStore({ clock })
  const store = redisStore(place, { edited })
  const forward = async (ms: number): Promise<void> => {
    offsetMs += ms
    await advance(ms)
  }
  try {
    await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    const tally = await compare({ model, store, nowMs, advance: forward }, { seed, steps: STEPS })
    return [...tally.keys()]
  } finally {
    await store.close()
  }
}

for (const [name, start] of [
  ['behind Sentinel', watched],
  ['on a Cluster', clustered]
] as const) {
  describe(`the Redis store ${name} and its model`, () => {
    let deployed: Deployed

    before(async () => {
      deployed = await start()
    })
    after(async () => deployed.stop())

    it('answer and hold the same, whatever is called', async () => {
      const told = new Set<string>()
      for (let seed = 101; seed < 101 + SEEDS; seed += 1) {
        for (const key of await walk(deployed, seed)) told.add(key)
      }

      for (const key of ['commit conflict', 'commit duplicate', 'commit gone', 'claimDue some']) {
        assert.ok(told.has(key), key)
      }
    }).timeout(60_000)
  })
}
