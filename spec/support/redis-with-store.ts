import { Redis } from 'ioredis'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

/** What one suite has: a server, a client of its own beside the store, and the store, opened. */
export interface RedisWithStore {
  readonly server: RedisServer
  readonly admin: Redis
  readonly store: ConversationStore
}

/** Gives the suite that calls it a Redis of its own from its first spec to its last. */
export function redisWithStore(): () => RedisWithStore {
  let given: RedisWithStore | undefined
  before(async () => {
    const server = await startRedis({})
    const store = redisStore({ url: server.url })
    given = { server, admin: new Redis(server.url), store }
    await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
  })
  after(async () => {
    await given?.store.close()
    given?.admin.disconnect()
    await given?.server.stop()
  })
  return () => given!
}
