import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import {
  aCommit,
  aDeferral,
  anId,
  aPrint,
  begun,
  done
} from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startReplica } from '../../support/replica.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

/** Repeats a call while it is not durable enough, as turns do. */
async function durable<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (failureOf(error)?.tag !== 'Unavailable') throw error
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

describe('a store at the level replicated', () => {
  let master: RedisServer
  let replica: RedisServer
  let redis: Redis
  let store: ConversationStore

  before(async () => {
    master = await startRedis({
      appendonly: 'yes',
      'min-replicas-to-write': '1',
      'repl-diskless-sync-delay': '0'
    })
    replica = await startReplica(master)
    redis = new Redis(master.url)
    store = redisStore({ url: master.url, durability: 'replicated', replicasWithinMs: 200 })
    await store.open(secrets)
  })
  afterEach(() => process.kill(replica.pid, 'SIGCONT'))
  after(async () => {
    redis.disconnect()
    await store.close()
    await replica.stop()
    await master.stop()
  })

  /** Waits until the replica has acknowledged all there is: nothing before hides anything then. */
  const caughtUp = async (): Promise<void> => {
    for (;;) {
      const said = await redis.info('replication')
      const [, offset] = /^master_repl_offset:(\d+)/m.exec(said)!
      if (said.includes(`state=online,offset=${offset}`)) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  it('answers what the replica has', async () => {
    const { id, fence } = await durable(async () => begun(store))
    const commit = aCommit(fence)
    await durable(async () => done(store, id, commit))

    const copy = redisStore({ url: master.url })
    assert.equal((await copy.open(secrets)).durability, 'everysec')
    assert.equal((await copy.load(id)).fence?.version, 2)
    await copy.close()
  })

  it('acknowledges no commit that the replica does not have; the repeat waits again', async () => {
    const { id, fence } = await durable(async () => begun(store))
    const commit = aCommit(fence, { replies: ['r'], fingerprint: aPrint() })
    await caughtUp()
    process.kill(replica.pid, 'SIGSTOP')

    assert.equal(await codeOf(store.commit(id, commit)), 'CHP_STORE_NOT_DURABLE')
    assert.equal(await codeOf(store.commit(id, commit)), 'CHP_STORE_NOT_DURABLE')

    assert.equal((await store.load(id)).fence?.version, 2)
    process.kill(replica.pid, 'SIGCONT')
    const { fence: known, firstSequence } = await durable(async () => done(store, id, commit))
    assert.deepEqual([known.version, firstSequence], [2, 1])
  })

  it('has a deferral to nobody wait, too, by which is asked whether it is back', async () => {
    const { id, fence } = await durable(async () => begun(store))
    await caughtUp()
    process.kill(replica.pid, 'SIGSTOP')
    await codeOf(store.commit(id, aCommit(fence)))

    const probe = (): Promise<unknown> => store.defer(anId(), aDeferral('nobody'))
    assert.equal(await codeOf(probe()), 'CHP_STORE_NOT_DURABLE')

    process.kill(replica.pid, 'SIGCONT')
    assert.deepEqual(await durable(probe), { tag: 'conflict' })
  })

  it('has a duplicate wait as long as what it repeats', async () => {
    const { id, fence } = await durable(async () => begun(store))
    const fingerprint = aPrint()
    const commit = aCommit(fence, { fingerprint })
    process.kill(replica.pid, 'SIGSTOP')
    await codeOf(store.commit(id, commit))
    const again = aCommit((await store.load(id)).fence, { fingerprint })

    assert.equal(await codeOf(store.commit(id, again)), 'CHP_STORE_NOT_DURABLE')

    process.kill(replica.pid, 'SIGCONT')
    assert.deepEqual(await durable(() => store.commit(id, again)), { tag: 'duplicate' })
  })

  it('has a deferral and an erasure wait too', async () => {
    const [one, other] = [
      await durable(async () => begun(store)),
      await durable(async () => begun(store))
    ]
    const deferral = aDeferral(one.fence.epoch, { fingerprint: aPrint() })
    process.kill(replica.pid, 'SIGSTOP')

    const codes = await Promise.all([
      codeOf(store.defer(one.id, deferral)),
      codeOf(store.erase(other.id, other.fence.epoch, 'tomb'))
    ])

    assert.deepEqual(codes, ['CHP_STORE_NOT_DURABLE', 'CHP_STORE_NOT_DURABLE'])
    process.kill(replica.pid, 'SIGCONT')
    assert.equal((await durable(() => store.defer(one.id, deferral))).tag, 'committed')
    const erased = (): Promise<string> => store.erase(other.id, other.fence.epoch, 'tomb')
    assert.equal(await durable(erased), 'erased')
  })

  it('does not wait for what writes nothing', async () => {
    const { id, fence } = await durable(async () => begun(store))
    const commit = aCommit(fence)
    await durable(async () => done(store, id, commit))
    process.kill(replica.pid, 'SIGSTOP')

    const outcomes = await Promise.all([
      store.commit(id, aCommit(fence)),
      store.commit(id, aCommit({ ...fence, epoch: 'other' }))
    ])

    assert.deepEqual(
      outcomes.map(({ tag }) => tag),
      ['conflict', 'gone']
    )
  })

  it('waits once for many commits, on one connection', async () => {
    const all = await Promise.all(
      Array.from({ length: 100 }, async () => durable(async () => begun(store)))
    )
    const calls = async (): Promise<number> => {
      const row = /cmdstat_wait:calls=(\d+)/.exec(await redis.info('commandstats'))
      return Number(row?.[1] ?? 0)
    }
    const before = await calls()

    await Promise.all(
      all.map(async ({ id, fence }) => {
        const commit = aCommit(fence)
        await durable(async () => done(store, id, commit))
      })
    )

    const waits = (await calls()) - before
    assert.ok(waits >= 1 && waits <= 30, `${waits} waits for 100 commits`)
    const clients = String(await redis.client('LIST')).match(/name=chaperone/g)
    assert.equal(clients?.length, 2)
  })

  it('goes on by itself after the master was killed and came again', async () => {
    const { id, fence } = await durable(async () => begun(store))
    const commit = aCommit(fence)
    await master.kill('SIGKILL')
    assert.notEqual(await codeOf(store.commit(id, commit)), 'done')
    await master.start()

    await durable(() => store.commit(id, commit))

    assert.equal((await store.load(id)).fence?.version, 2)
  })
})
