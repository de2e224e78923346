import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { partitionOf } from '../../../lib/store/identity.ts'
import type { DurabilitySettings } from '../../../lib/store/redis/demand.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { eventually } from '../../support/eventually.ts'
import { beginMove } from '../../support/move-slot.ts'
import { type ClusterGroup, type ClusterShape, startCluster } from '../../support/redis-cluster.ts'
import { figuresLine, type LoadFigures, RedisLoad } from '../../support/redis-load.ts'
import type { RedisServer } from '../../support/redis-server.ts'

const NODE_TIMEOUT_MS = 1500
const GAP_MS = NODE_TIMEOUT_MS + 3000
const CALL_MS = 3500
const PARTITION_SLOTS = 64

describe('the Redis store on a Cluster, under load', () => {
  let cluster: ClusterGroup
  let stores: readonly ConversationStore[]
  let load: RedisLoad

  const start = async (
    shape: ClusterShape,
    level: DurabilitySettings = {},
    settings: Readonly<Record<string, string>> = {}
  ): Promise<void> => {
    cluster = await startCluster(shape, { appendonly: 'yes', ...settings })
    stores = [1, 2].map(() => redisStore({ cluster: cluster.urls, ...level }))
    for (const store of stores) {
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
    load = new RedisLoad(stores)
    await load.more(500)
  }
  const ended = async (fault: string): Promise<LoadFigures> => {
    const figures = await load.figures(stores[0]!)
    process.stdout.write(`      ${figuresLine(fault, figures)}\n`)
    assert.equal(figures.doubled, 0)
    assert.equal(figures.unnoticed, 0)
    assert.ok(figures.longestCallMs < CALL_MS, `a call took ${figures.longestCallMs} ms`)
    return figures
  }
  const heldBy = (at: number): readonly string[] =>
    load.ids.filter(id => Math.floor((partitionOf(id) * 3) / 256) === at)
  const notHeldBy = (at: number): readonly string[] =>
    load.ids.filter(id => !heldBy(at).includes(id))

  afterEach(async () => {
    for (const store of stores) await store.close()
    await cluster.stop()
  })

  it('goes on with a replica of a killed master, and all the while with the others', async () => {
    await start({ replicas: true, nodeTimeoutMs: NODE_TIMEOUT_MS })

    await cluster.masters[1]!.kill('SIGKILL')
    await load.goneOn()
    await load.more(500)

    const others = notHeldBy(1)
    const figures = await ended('Cluster, kill -9 of a master')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
    assertWentOn(figures, others)
  })

  it('loses nothing with a master at the level replicated', async () => {
    const shape = { replicas: true, nodeTimeoutMs: NODE_TIMEOUT_MS }
    await start(shape, { durability: 'replicated' }, { 'min-replicas-to-write': '1' })
    const master = cluster.masters[1]!

    await master.kill('SIGKILL')
    await eventually(async () => (await roleOf(cluster.replicas[1]!)) === 'master')
    // The new master wants a replica, too.
    await master.start()
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Cluster, kill -9 of a master at `replicated`')
    assert.deepEqual([figures.lost, figures.rollbacks], [0, 0])
    assertWentOn(figures, notHeldBy(1))
  })

  it('leaves a master that stands still, and does not go back to it', async () => {
    await start({ replicas: true, nodeTimeoutMs: NODE_TIMEOUT_MS })
    const { pid } = cluster.masters[1]!

    process.kill(pid, 'SIGSTOP')
    const stopped = performance.now()
    await load.goneOn()
    await sleepUntil(stopped + 4000)
    process.kill(pid, 'SIGCONT')
    await load.more(1000)

    const figures = await ended('Cluster, a master stopped for 4 s (zombie)')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
    assertWentOn(figures, notHeldBy(1))
  })

  it('loses nothing and repeats little while slots move', async () => {
    await start({ replicas: false, nodeTimeoutMs: NODE_TIMEOUT_MS })
    const [from, to, other] = cluster.masters as [never, never, never]

    for (const id of heldBy(0)) {
      const slot = partitionOf(id) * PARTITION_SLOTS
      const moving = await beginMove(slot, from, to, [other])
      // Key by key, so that the slot is served by two for a while.
      for (const key of await moving.left()) {
        await moving.move([key])
        await sleepUntil(performance.now() + 20)
      }
      await moving.end()
    }
    await load.goneOn()

    const figures = await ended('Cluster, eight slots moved key by key')
    assert.deepEqual([figures.lost, figures.unknown], [0, 0])
    assert.ok(figures.longestGapMs < 3000, `${figures.longestGapMs} ms`)
  })

  it('stops only the conversations of a master that nobody replaces', async () => {
    await start({ replicas: false, nodeTimeoutMs: NODE_TIMEOUT_MS })
    const master = cluster.masters[2]!

    await master.kill('SIGKILL')
    const killed = performance.now()
    await load.goneOn(notHeldBy(2))
    await sleepUntil(killed + 4000)
    const listed = await stores[0]!.list(null, 100)
    const claimed = stores[0]!.claimDue(10, 1000)
    await claimed
    await master.start()
    await load.goneOn()

    const figures = await ended('Cluster, a master without replica down for 4 s (CLUSTERDOWN)')
    assert.equal(figures.lost, 0)
    assert.deepEqual(listed.ids.toSorted(), notHeldBy(2).toSorted())
    assertWentOn(figures, notHeldBy(2))
  })

  it('serves on when servers forget their scripts', async () => {
    await start({ replicas: false, nodeTimeoutMs: NODE_TIMEOUT_MS })

    for (let flushes = 0; flushes < 20; flushes += 1) {
      for (const { url } of cluster.masters) await told(url, async redis => redis.script('FLUSH'))
      await load.more(100)
    }

    const { lost, unknown, refused } = await ended('Cluster, 20 times SCRIPT FLUSH everywhere')
    assert.deepEqual({ lost, unknown, refused }, { lost: 0, unknown: 0, refused: 0 })
  })

  it('goes on when a master that let nobody in has room again', async () => {
    await start({ replicas: false, nodeTimeoutMs: NODE_TIMEOUT_MS })
    const { url } = cluster.masters[0]!

    await told(url, async redis => {
      await redis.config('SET', 'maxclients', '1')
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal')
      await sleepUntil(performance.now() + 1500)
      await redis.config('SET', 'maxclients', '1000')
    })
    await load.goneOn()

    const figures = await ended('Cluster, a master full of clients for 1.5 s')
    assert.equal(figures.lost, 0)
    assertWentOn(figures, notHeldBy(0))
  })
})

/** A machine that is busy holds up everybody; a fault held them up for longer. */
function assertWentOn(figures: LoadFigures, ids: readonly string[]): void {
  const gap = Math.max(...ids.map(id => figures.gapMs.get(id)!))
  assert.ok(gap < 1000, `the others stood still for ${gap} ms`)
}

async function sleepUntil(momentMs: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, momentMs - performance.now()))
}

async function roleOf({ url }: RedisServer): Promise<string | undefined> {
  const redis = new Redis(url)
  const info = await redis.info('replication')
  redis.disconnect()
  return /role:(\w+)/.exec(info)?.[1]
}

async function told(url: string, tell: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url)
  await tell(redis)
  redis.disconnect()
}
