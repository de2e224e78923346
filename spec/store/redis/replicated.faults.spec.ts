import assert from 'node:assert/strict'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { figuresLine, RedisLoad } from '../../support/redis-load.ts'
import { startSentinelGroup } from '../../support/redis-sentinel.ts'

const CALL_MS = 4000
const SETTINGS = { appendonly: 'yes', 'min-replicas-to-write': '1' } as const

describe('the level replicated, under load', () => {
  let stores: readonly ConversationStore[] = []
  let load: RedisLoad
  let stop: () => Promise<void>

  const start = async (place: RedisStoreOptions): Promise<void> => {
    stores = [1, 2].map(() => redisStore({ ...place, durability: 'replicated' }))
    for (const store of stores) {
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
    load = new RedisLoad(stores)
    await load.more(300)
  }
  afterEach(async () => {
    for (const store of stores) await store.close()
    await stop()
  })
  const ended = async (fault: string): Promise<void> => {
    await load.goneOn()
    await load.more(300)
    const figures = await load.figures(stores[0]!)
    process.stdout.write(`      ${figuresLine(`replicated, ${fault}`, figures)}\n`)
    assert.ok(figures.longestCallMs < CALL_MS, `a call took ${figures.longestCallMs} ms`)
    assert.deepEqual([figures.lost, figures.doubled, figures.unnoticed], [0, 0, 0])
  }

  it('loses nothing when Sentinel replaces a master that was killed', async () => {
    const group = await startSentinelGroup({ downAfterMs: 1000 }, SETTINGS)
    stop = () => group.stop()
    await start({ sentinel: group.place })
    const master = await group.master()

    await master.kill('SIGKILL')

    await ended('Sentinel, kill -9 of the master')
    assert.notEqual((await group.master()).port, master.port)
  })

  it('loses nothing when Sentinel replaces a master that stands still and comes back', async () => {
    const group = await startSentinelGroup({ downAfterMs: 1000 }, SETTINGS)
    stop = () => group.stop()
    await start({ sentinel: group.place })
    const master = await group.master()

    process.kill(master.pid, 'SIGSTOP')
    await new Promise(resolve => setTimeout(resolve, 4000))
    process.kill(master.pid, 'SIGCONT')

    await ended('Sentinel, master stopped for 4 s (zombie)')
  })

  it('loses nothing when a master of a Cluster is killed', async () => {
    const shape = { replicas: true, nodeTimeoutMs: 1500 }
    const cluster = await startCluster(shape, SETTINGS)
    stop = () => cluster.stop()
    await start({ cluster: cluster.urls })
    const [first] = cluster.masters

    await first!.kill('SIGKILL')
    await load.more(300)
    // Its replica takes over, and acknowledges nothing before it has a replica itself.
    await new Promise(resolve => setTimeout(resolve, 3000))
    await first!.start()

    await ended('Cluster, kill -9 of a master, started again after 3 s')
  })
})
