import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { storeContract } from '../../../lib/testing/store-contract.ts'
import { RedisLoad } from '../../support/redis-load.ts'
import { type SentinelGroup, startSentinelGroup } from '../../support/redis-sentinel.ts'
import { storeTime } from '../../support/store-time.ts'

describe('the Redis store behind Sentinel', () => {
  let group: SentinelGroup
  let redis: Redis
  let store: ConversationStore
  let other: ConversationStore

  before(async () => {
    group = await startSentinelGroup()
    redis = new Redis((await group.master()).url)
    const { place: sentinel } = group
    ;[store, other] = [
      redisStore({ sentinel }, storeTime.parts),
      redisStore({ sentinel: { ...sentinel, nodes: sentinel.nodes.slice(1, 2) } }, storeTime.parts)
    ]
    for (const each of [store, other]) {
      await each.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    redis.disconnect()
    await group.stop()
  })

  for (const { name, check } of storeContract) {
    it(name, async () => check({ store, other, advance: async ms => storeTime.advance(redis, ms) }))
  }

  it('goes on with a replica after the master was killed, and no call hangs', async () => {
    const load = new RedisLoad([store, other], 12)
    await load.more(100)
    const master = await group.master()
    redis.disconnect()

    await master.kill('SIGKILL')
    await load.goneOn()

    const figures = await load.figures(store)
    assert.notEqual((await group.master()).port, master.port)
    assert.deepEqual([figures.doubled, figures.unnoticed], [0, 0])
    assert.ok(figures.longestCallMs < 5000, `${figures.longestCallMs} ms`)
  }).timeout(60_000)
})
