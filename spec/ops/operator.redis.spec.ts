import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { looksBack } from '../support/looks-back.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

describe('an operator after thirty turns, on Redis', () => {
  let server: RedisServer
  before(async () => {
    server = await startRedis()
  })
  after(() => server.stop())
  looksBack(() => redisStore({ url: server.url }))
})
