import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { redisWalk } from '../../support/redis-walk.ts'

const SEEDS = [101, 202, 303]
const STEPS = 200_000

describe('the Redis store and its model, for long', () => {
  let server: RedisServer
  let redis: Redis
  before(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })

  for (const seed of SEEDS) {
    it(`answer and hold the same over ${STEPS} steps of two clients, seed ${seed}`, async () => {
      const told = await redisWalk(server, redis, { seed, steps: STEPS })

      for (const tag of ['committed', 'duplicate', 'conflict', 'gone', 'full', 'oversize']) {
        assert.ok(told.has(`commit ${tag}`), tag)
      }
      const all = [...told]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([answer, times]) => `${answer} ${times}`)
      process.stdout.write(`      ${all.join(', ')}\n`)
    }).timeout(3_600_000)
  }
})
