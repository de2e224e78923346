import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { storeContract } from '../../../lib/testing/store-contract.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { storeTime } from '../../support/store-time.ts'

describe('the Redis store', () => {
  let server: RedisServer
  let redis: Redis
  let store: ConversationStore
  let other: ConversationStore

  before(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
    ;[store, other] = [
      redisStore({ url: server.url }, storeTime.parts),
      redisStore({ url: server.url }, storeTime.parts)
    ]
    for (const each of [store, other]) {
      await each.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    redis.disconnect()
    await server.stop()
  })

  for (const { name, check } of storeContract) {
    it(name, async () => check({ store, other, advance: async ms => storeTime.advance(redis, ms) }))
  }
})
