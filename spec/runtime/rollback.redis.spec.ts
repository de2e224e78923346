import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startReplica } from '../support/replica.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const USERS = Array.from({ length: 5 }, (_, at) => `u${at}`)

describe('a Redis that comes back with less than was acknowledged', () => {
  let server: RedisServer
  let proxy: TcpProxy
  let redis: Redis
  let runtime: Runtime
  let told: string[]
  let logged: string[]

  beforeEach(async () => {
    server = await startRedis()
    proxy = await startProxy(server.port)
    redis = new Redis(server.url)
    redis.on('error', () => undefined)
    told = []
    logged = []
    runtime = aRuntime('p')
    await runtime.start()
    for (const id of ['m0', 'm1']) await said(id)
  })
  afterEach(async () => {
    await runtime.stop({ graceMs: 500 })
    redis.disconnect()
    await proxy.close()
    await server.stop()
  })

  function aRuntime(instance: string): Runtime {
    const note = (fields: object): void => {
      logged.push((fields as { readonly event: string }).event)
    }
    const logger = { debug: () => undefined, info: () => undefined, warn: note, error: note }
    const store = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, commandTimeoutMs: 500 })
    const made = createRuntime({ bot: chainProgram(), store, instance, logger })
    made.on('rollback', ({ conversation }) => told.push(conversation))
    return made
  }
  const chat = (user: string, by = runtime) =>
    by.conversation({ channel: 'chan', account: 'a', user })
  /** Hands a message in for every user until it is taken, as a provider does. */
  const said = async (id: string, by = runtime): Promise<void> => {
    await Promise.all(
      USERS.map(async user => {
        for (;;) {
          const receipt = await chat(user, by).receive({ id, content: { kind: 'text', text: 'x' } })
          if (receipt.tag !== 'shed') return assert.equal(receipt.tag, 'committed')
          await new Promise(resolve => setTimeout(resolve, 50))
        }
      })
    )
  }
  const chains = async (by = runtime): Promise<unknown[]> =>
    Promise.all(USERS.map(async user => (await chat(user, by).inspect())?.data['chain']))
  const expectRollback = async (ids: readonly string[]): Promise<void> => {
    assert.deepEqual(await chains(), Array(USERS.length).fill(foldOf(ids)))
    assert.deepEqual(told.toSorted(), USERS.map(user => chat(user).id).toSorted())
    assert.equal(logged.filter(event => event === 'store.rollback').length, USERS.length)
  }

  it('after FLUSHALL begins anew, and tells it once a conversation', async () => {
    await redis.flushall()

    for (const id of ['m2', 'm3']) await said(id)

    await expectRollback(['m2', 'm3'])
  })

  it('after FLUSHALL keeps its names for conversations, for other processes too', async () => {
    await redis.flushall()
    while ((await redis.exists('chp:main:layout')) === 0) {
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    await said('m2')

    const other = aRuntime('q')
    await other.start()

    assert.deepEqual(
      USERS.map(user => chat(user, other).id),
      USERS.map(user => chat(user).id)
    )
    assert.deepEqual(await chains(other), await chains())
    await other.stop({ graceMs: 500 })
  }).timeout(15_000)

  it('restored from an older dump goes on from that, and tells it', async () => {
    await redis.save()
    const dump = join(server.directory, 'dump.rdb')
    copyFileSync(dump, `${dump}.kept`)
    await said('m2')
    await server.kill('SIGKILL')
    copyFileSync(`${dump}.kept`, dump)
    await server.start()

    await said('m3')

    await expectRollback(['m0', 'm1', 'm3'])
  })

  it('replaced by a replica that was behind goes on from that, and tells it', async () => {
    const replica = await startReplica(server)
    const stale = new Redis(replica.url)
    try {
      // Cut off: what comes from now on never reaches it.
      await stale.replicaof('127.0.0.1', 1)
      await said('m2')
      await server.kill('SIGKILL')
      await stale.replicaof('NO', 'ONE')
      proxy.targetPort = replica.port

      await said('m3')

      await expectRollback(['m0', 'm1', 'm3'])
    } finally {
      stale.disconnect()
      await replica.stop()
    }
  })

  it('and was written to by another process meanwhile is known by its history', async () => {
    await redis.save()
    await said('m2')
    await server.kill('SIGKILL')
    await server.start()
    const other = aRuntime('q')
    await other.start()
    await said('other', other)
    told = []
    logged = []

    await said('m3')

    await expectRollback(['m0', 'm1', 'other', 'm3'])
    await other.stop({ graceMs: 500 })
  })
})
