import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/kernel/clock.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { alternating, chained } from './chained-store.ts'
import { compare } from './differential.ts'
import type { RedisServer } from './redis-server.ts'
import { storeTime } from './store-time.ts'

/** A random walk on Redis: which, how long, and with what changed in the scripts. */
export interface RedisWalk {
  readonly seed: number
  readonly steps: number
  readonly edited?: (lua: string) => string
}

/**
 * Walks the store and its model on an empty server, through two clients, and rejects at the first
 * answer that differs or that no store may give; how often each answer came.
 */
export async function redisWalk(
  { url }: RedisServer,
  redis: Redis,
  { seed, steps, edited = lua => lua }: RedisWalk
): Promise<ReadonlyMap<string, number>> {
  await redis.flushall()
  let offsetMs = 0
  const nowMs = (): number => Date.now() + offsetMs
  const clock: Clock = { nowMs, monotonicMs: nowMs, after: () => () => undefined }
  // A busy machine may hold an answer up: that is no difference.
  const patient = { url, commandTimeoutMs: 30_000 }
  const client = () => redisStore(patient, { edited: lua => edited(storeTime.parts.edited(lua)) })
  const [one, other] = [client(), client()]
  const advance = async (ms: number): Promise<void> => {
    offsetMs += ms
    await storeTime.advance(redis, ms)
  }
  try {
    const secrets = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
    await Promise.all([one.open(secrets), other.open(secrets)])
    const store = chained(alternating(one, other, seededRandom(seed)), nowMs)
    const given = { model: memoryStore({ clock }), store, nowMs, advance }
    return await compare(given, { seed, steps })
  } finally {
    await Promise.all([one.close(), other.close()])
  }
}
