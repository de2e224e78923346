import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redisStore } from '../../lib/redis.ts'
import { blockedOnce } from '../support/blocked-fleet.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

describe('a turn that never ends, two processes on one Redis', function () {
  this.timeout(60_000)
  let redis: RedisServer
  let directory = ''
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-blocked-'))
    redis = await startRedis()
  })
  after(async () => {
    await redis.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('counts at once, though nobody was cautious: what blocked is in the store', async () => {
    await blockedOnce({ REDIS_URL: redis.url }, directory, redisStore({ url: redis.url }))
  })
})
