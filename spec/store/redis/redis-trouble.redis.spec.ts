import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import {
  aCommit,
  anId,
  aPrint,
  begun,
  done,
  everything,
  grown
} from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

describe('the Redis store on a server in trouble', () => {
  let server: RedisServer
  let redis: Redis
  let store: ConversationStore

  before(async () => {
    server = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
    redis = new Redis(server.url)
    store = redisStore({ url: server.url, commandTimeoutMs: 500 })
    await store.open(secrets)
  })
  after(async () => {
    await store.close()
    redis.disconnect()
    await server.stop()
  })

  for (const key of ['state', 'history', 'due', 'index', 'parked', 'parked index'] as const) {
    it(`writes nothing when the ${key} key holds a value of another kind`, async () => {
      const id = anId()
      const { state, history, parked, partition } = redisKeys('main').conversation(id)
      const names = {
        state,
        history,
        parked,
        due: partition.due,
        index: partition.index,
        'parked index': partition.parked
      }
      const foreign = names[key]
      const saved = (await redis.exists(foreign)) > 0 ? await redis.dumpBuffer(foreign) : null
      await redis.set(foreign, 'foreign')
      const commit = aCommit(null, { dueMs: 5, park: 'p', fingerprint: aPrint(), replies: ['r'] })

      const code = await codeOf(store.commit(id, commit))

      const others = Object.values(names).filter(name => name !== foreign)
      const holding = await Promise.all(
        others.map(async name =>
          (await redis.type(name)) === 'zset' ? redis.zscore(name, id) : redis.get(name)
        )
      )
      assert.equal(code, 'CHP_STORE_WRONG_TYPE')
      assert.deepEqual(holding, [null, null, null, null, null])
      await redis.del(foreign)
      if (saved !== null) await redis.restore(foreign, 0, saved)
      await done(store, id, commit)
    })
  }

  it('writes nothing when memory is short, and goes on when there is room', async () => {
    const { id, fence } = await begun(store, { replies: ['r'] })
    const before = await everything(store, id)
    await redis.config('SET', 'maxmemory', '1')

    const code = await codeOf(store.commit(id, aCommit(fence, { replies: ['x'] })))

    assert.equal(code, 'CHP_STORE_REFUSED')
    assert.deepEqual(await everything(store, id), before)
    // What frees memory is let through.
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'r' }), 'done')
    await redis.config('SET', 'maxmemory', '0')
    await done(store, id, aCommit(fence))
  })

  it('goes on when the server forgot its scripts', async () => {
    const { id, fence } = await begun(store)
    await redis.script('FLUSH')

    await done(store, id, aCommit(fence))
  })

  it('keeps no field that nothing points to', async () => {
    const { id, fence } = await begun(store, { replies: ['a', 'b', 'c'] })
    const call = { key: 'k', row: 'c' }
    const event = { why: 'hold', row: 'e' } as const
    const now = await grown(store, id, fence, [
      { replies: ['d'], acknowledgedThrough: 2, openCall: call, append: event },
      { replies: ['e'], acknowledgedThrough: 4, closeCalls: ['k'], take: 1 },
      { replies: [], acknowledgedThrough: 5 }
    ])
    await store.acknowledged(id, now.epoch, { sequence: 5, row: 'e' })

    const fields = await redis.hkeys(redisKeys('main').conversation(id).state)

    assert.deepEqual(fields.toSorted(), ['a', 'm', 'n', 'r0', 'r1'])
  })

  it('has kept what it acknowledged when the server is killed and started again', async () => {
    const acknowledged: { readonly id: string; readonly head: string }[] = []
    const writers = Array.from({ length: 8 }, async () => {
      const { id, fence } = await begun(store)
      let parent = fence
      for (;;) {
        const outcome = await store.commit(id, aCommit(parent)).catch(() => null)
        if (outcome?.tag !== 'committed') return
        parent = outcome.fence
        acknowledged.push({ id, head: parent.head })
      }
    })
    while (acknowledged.length < 200) await new Promise(resolve => setImmediate(resolve))

    await server.kill('SIGKILL')
    await Promise.all(writers)
    await server.start()
    await store.open(secrets)

    const last = new Map(acknowledged.map(({ id, head }) => [id, head]))
    for (const [id, head] of last) {
      const heads = (await store.history(id, { limit: 3 })).map(row => row.head)
      assert.ok(heads.includes(head), `${id} lost ${head}`)
    }
  }).timeout(20_000)
})
