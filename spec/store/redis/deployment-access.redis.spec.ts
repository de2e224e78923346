import assert from 'node:assert/strict'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { begun } from '../../../lib/testing/store-contract/store-check.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { startSentinelGroup } from '../../support/redis-sentinel.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

/** `served`, or what was said instead. */
async function outcomeAt(place: RedisStoreOptions): Promise<string> {
  const store = redisStore({ openTimeoutMs: 1500, ...place })
  try {
    await store.open(secrets)
    const { id } = await begun(store)
    return (await store.load(id)).fence === null ? 'lost' : 'served'
  } catch (error) {
    const failed = failureOf(error)
    return `${failed?.code} ${failed?.detail}`
  } finally {
    await store.close()
  }
}

describe('a Redis store whose servers want a password', () => {
  it('gives it to the servers behind Sentinel, and says when it is wrong', async () => {
    const group = await startSentinelGroup({ downAfterMs: 1000 }, { requirepass: 'right' })
    const { place } = group
    try {
      const outcomes = [
        await outcomeAt({ sentinel: { ...place, password: 'right' } }),
        await outcomeAt({ sentinel: { ...place, password: 'wrong' } }),
        await outcomeAt({ sentinel: { ...place, master: 'other', password: 'right' } })
      ]

      assert.equal(outcomes[0], 'served')
      assert.match(outcomes[1]!, /CHP_STORE_DENIED .*WRONGPASS/)
      assert.match(outcomes[2]!, /CHP_STORE_UNAVAILABLE .*No such master with that name/)
      assert.ok(!outcomes.join().includes('right'))
    } finally {
      await group.stop()
    }
  })

  it('gives it to every server of a Cluster, and says when it is wrong', async () => {
    const cluster = await startCluster(
      { replicas: false, nodeTimeoutMs: 1500 },
      { requirepass: 'right' }
    )
    const [first] = cluster.urls as [string]
    try {
      const outcomes = [
        await outcomeAt({ cluster: [first] }),
        await outcomeAt({ cluster: [first.replace('right', 'wrong')] }),
        await outcomeAt({ url: first })
      ]

      assert.equal(outcomes[0], 'served')
      assert.match(outcomes[1]!, /CHP_STORE_DENIED .*WRONGPASS/)
      assert.match(outcomes[2]!, /CHP_STORE_UNFIT .*name it in `cluster`/)
      assert.ok(!outcomes.join().includes('right'))
    } finally {
      await cluster.stop()
    }
  })

  it('is refused where a server is no part of what it is named as', async () => {
    const group = await startSentinelGroup()
    try {
      const [sentinel] = group.place.nodes
      assert.match(await outcomeAt({ url: sentinel! }), /CHP_STORE_UNFIT .*`sentinel\.nodes`/)
      const { url } = group.servers[0]!
      assert.match(await outcomeAt({ cluster: [url] }), /CHP_STORE_UNFIT .*name it in `url`/)
    } finally {
      await group.stop()
    }
  })
})
