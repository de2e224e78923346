import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { partitionOf } from '../../../lib/store/identity.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const idOf = (n: number): string =>
  createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url')

describe('what is due on Redis', () => {
  let server: RedisServer
  before(async () => {
    server = await startRedis()
  })
  after(() => server.stop())

  it('is claimed in due order over all partitions, but for a page', async () => {
    const store = redisStore({ url: server.url })
    await store.open({ idKey: Buffer.alloc(32, 1), sealKey: Buffer.alloc(32, 2) })
    const redis = new Redis(server.url)
    const { partitions } = redisKeys('main')
    const rankOf = new Map(Array.from({ length: 3_000 }, (_, n) => [idOf(n), n]))
    for (const [id, n] of rankOf) await redis.zadd(partitions[partitionOf(id)]!.due, 1_000 + n, id)

    const claimed: number[] = []
    for (let page: readonly string[] = ['']; page.length > 0; ) {
      page = await store.claimDue(200, 600_000)
      claimed.push(...page.map(id => rankOf.get(id)!))
    }

    assert.equal(new Set(claimed).size, 3_000)
    assert.equal(claimed.length, 3_000)
    const passedMost = Math.max(...claimed.map((rank, place) => place - rank))
    assert.ok(passedMost <= 200, `${passedMost} passed one`)
    redis.disconnect()
    await store.close()
  })
})
