import { Redis } from 'ioredis'
import type { RedisServer } from './redis-server.ts'

/** One slot on its way from a master of a Cluster to another. */
export interface MovingSlot {
  /** Names of the keys that are still where they were. */
  left(): Promise<readonly string[]>
  /** Moves these keys. */
  move(keys: readonly string[]): Promise<void>
  /** Moves what is left and tells everybody. */
  end(): Promise<void>
}

/** Begins to move a slot as `redis-cli --cluster reshard` does. */
export async function beginMove(
  slot: number,
  from: RedisServer,
  to: RedisServer,
  others: readonly RedisServer[]
): Promise<MovingSlot> {
  const clients = [from, to, ...others].map(({ url }) => new Redis(url, { retryStrategy: null }))
  const [source, target] = clients as [Redis, Redis]
  const [fromId, toId] = [await source.cluster('MYID'), await target.cluster('MYID')]
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId))
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId))
  const left = async (): Promise<readonly string[]> =>
    (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1000)) as readonly string[]
  const move = async (keys: readonly string[]): Promise<void> => {
    if (keys.length === 0) return
    await source.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys)
  }
  return {
    left,
    move,
    end: async () => {
      for (let keys = await left(); keys.length > 0; keys = await left()) await move(keys)
      for (const client of [target, source, ...clients.slice(2)]) {
        await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(toId))
      }
      for (const client of clients) client.disconnect()
    }
  }
}
