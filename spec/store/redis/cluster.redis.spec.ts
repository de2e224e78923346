import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { storeContract } from '../../../lib/testing/store-contract.ts'
import { clusterTime } from '../../support/cluster-time.ts'
import { type ClusterGroup, startCluster } from '../../support/redis-cluster.ts'

describe('the Redis store on a Cluster', () => {
  let cluster: ClusterGroup
  let store: ConversationStore
  let other: ConversationStore

  before(async () => {
    cluster = await startCluster()
    ;[store, other] = [
      redisStore({ cluster: cluster.urls }, clusterTime.parts),
      redisStore({ cluster: cluster.urls.slice(1, 2) }, clusterTime.parts)
    ]
    for (const each of [store, other]) {
      await each.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    await cluster.stop()
  })

  for (const { name, check } of storeContract) {
    it(name, async () =>
      check({ store, other, advance: async ms => clusterTime.advance(cluster, ms) })
    )
  }
})
