import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { eventually } from '../../support/eventually.ts'
import { figuresLine, type LoadFigures, RedisLoad } from '../../support/redis-load.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startReplica } from '../../support/replica.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

const CUT_MS = 2000

describe('a replica that is cut off, then made master while writers are on the old one', () => {
  let master: RedisServer
  let replica: RedisServer
  let third: RedisServer | undefined
  let clients: TcpProxy
  let between: TcpProxy
  let stores: readonly ConversationStore[] = []
  let load: RedisLoad

  const start = async (durability: 'everysec' | 'replicated'): Promise<void> => {
    master = await startRedis({ appendonly: 'yes', 'min-replicas-to-write': '1' })
    between = await startProxy(master.port)
    replica = await startReplica(master, { appendonly: 'yes' }, between.port)
    clients = await startProxy(master.port)
    const url = `redis://127.0.0.1:${clients.port}`
    stores = [1, 2].map(() => redisStore({ url, durability }))
    for (const store of stores) {
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
    load = new RedisLoad(stores)
    await load.more(500)
  }
  afterEach(async () => {
    for (const store of stores) await store.close()
    for (const proxy of [clients, between]) await proxy.close()
    for (const server of [master, replica, third]) await server?.stop()
  })

  const partitioned = async (durability: 'everysec' | 'replicated'): Promise<LoadFigures> => {
    await start(durability)
    between.mode = 'hold'
    await new Promise(resolve => setTimeout(resolve, CUT_MS))
    // What was held back is never handed on: the replica takes over with what it has.
    const promoted = new Redis(replica.url)
    await promoted.replicaof('NO', 'ONE')
    clients.targetPort = replica.port
    await master.kill('SIGKILL')
    third = await startReplica(replica)
    await promoted.config('SET', 'min-replicas-to-write', '1')
    promoted.disconnect()
    await eventually(async () => (await stores[0]!.time().catch(() => 0)) > 0)
    await load.goneOn()
    await load.more(500)
    const figures = await load.figures(stores[0]!)
    const fault = `${durability}, replica cut off for 2 s, then promoted`
    process.stdout.write(`      ${figuresLine(fault, figures)}\n`)
    return figures
  }

  it('loses at everysec what it had not got, and every conversation notices', async () => {
    const { lost, unnoticed, doubled, rollbacks } = await partitioned('everysec')

    assert.ok(lost > 0, 'the cut cost nothing')
    assert.ok(rollbacks > 0)
    assert.deepEqual([unnoticed, doubled], [0, 0])
  })

  it('loses at replicated nothing that was acknowledged', async () => {
    const { lost, unknown, unnoticed, doubled } = await partitioned('replicated')

    assert.ok(unknown > 0, 'the cut was not felt')
    assert.deepEqual([lost, unnoticed, doubled], [0, 0, 0])
  })
})
