import { redisStore } from '../../lib/redis.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { livesInEveryOrder } from './in-every-order.ts'

describe('two runtimes on a real Redis, in every order of its answers', () => {
  let redis: RedisServer
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis?.stop())

  it('take every message once, in one order, and send what they committed', async () => {
    const open = (round: number) => redisStore({ url: redis.url, namespace: `n${round}` })

    await livesInEveryOrder(open, 30)
  }).timeout(60_000)
})
