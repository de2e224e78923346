import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { Opened } from '../../../lib/store/conversation-store.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { begun } from '../../../lib/testing/store-contract/store-check.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const secrets = () => ({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })

async function opened(options: RedisStoreOptions): Promise<Opened> {
  const store = redisStore(options)
  try {
    return await store.open(secrets())
  } finally {
    await store.close()
  }
}

async function refusal(options: RedisStoreOptions): Promise<string> {
  const error: unknown = await opened(options).catch((failed: unknown) => failed)
  const failed = failureOf(error)
  assert.ok(failed !== undefined, 'it was not refused')
  return `${failed.code} ${failed.detail}`
}

describe('opening a Redis store', () => {
  let server: RedisServer
  let redis: Redis

  before(async () => {
    server = await startRedis({ appendonly: 'yes' })
    redis = new Redis(server.url)
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })
  const withSetting = async <T>(name: string, value: string, run: () => Promise<T>): Promise<T> => {
    const [, before] = (await redis.config('GET', name)) as [string, string]
    await redis.config('SET', name, value)
    try {
      return await run()
    } finally {
      await redis.config('SET', name, before)
    }
  }

  it('tells how durable the server is', async () => {
    const { url } = server
    assert.deepEqual((await opened({ url })).warnings, [])
    assert.equal((await opened({ url })).durability, 'everysec')

    const strict = await withSetting('appendfsync', 'always', async () => opened({ url }))
    assert.deepEqual([strict.durability, strict.warnings], ['always', []])
  })

  it('warns when nothing is written to disk in time', async () => {
    const { url } = server
    const never = await withSetting('appendfsync', 'no', async () => opened({ url }))
    const off = await withSetting('appendonly', 'no', async () => opened({ url }))

    assert.equal(never.durability, 'no')
    assert.match(never.warnings.join(), /appendfsync everysec/)
    assert.equal(off.durability, 'snapshots')
    assert.match(off.warnings.join(), /appendonly yes/)
  })

  for (const policy of ['allkeys-lru', 'volatile-ttl']) {
    it(`is refused when the server evicts (${policy}), with setting and cure (B42)`, async () => {
      const said = await withSetting('maxmemory-policy', policy, async () =>
        refusal({ url: server.url })
      )

      assert.match(said, /^CHP_STORE_UNFIT .*maxmemory-policy.*noeviction/)
      assert.ok(said.includes(policy))
    })
  }

  it('is refused by a replica', async () => {
    const replica = await startRedis({ replicaof: `127.0.0.1 ${server.port}` })
    try {
      assert.match(await refusal({ url: replica.url }), /^CHP_STORE_UNFIT .*replica/)
    } finally {
      await replica.stop()
    }
  })

  it('fails in time when nobody listens, without naming the password', async () => {
    const closed = await startRedis()
    await closed.stop()
    const url = `redis://user:hidden@127.0.0.1:${closed.port}`

    const said = await refusal({ url, openTimeoutMs: 200 })

    assert.match(said, /^CHP_STORE_UNAVAILABLE .*127\.0\.0\.1.*ECONNREFUSED/)
    assert.ok(!said.includes('hidden'))
  })

  it('fails at once with a wrong password', async () => {
    const guarded = await startRedis({ requirepass: 'right' })
    try {
      const url = `redis://:wrong@127.0.0.1:${guarded.port}`
      const said = await refusal({ url, openTimeoutMs: 8000 })
      assert.match(said, /^CHP_STORE_DENIED .*WRONGPASS/)
      assert.equal(
        (await opened({ url: `redis://:right@127.0.0.1:${guarded.port}` })).durability,
        'snapshots'
      )
    } finally {
      await guarded.stop()
    }
  })

  it('is refused by name for what is no Redis URL', async () => {
    for (const url of ['', 'localhost:6379', 'http://127.0.0.1', 'redis//x']) {
      assert.throws(
        () => redisStore({ url }),
        error => failureOf(error)?.code === 'CHP_SETTING_INVALID'
      )
    }
  })

  it('is refused when the store has a newer layout', async () => {
    await redis.set('chp:newer:layout', '{"layout":2}')

    assert.match(await refusal({ url: server.url, namespace: 'newer' }), /^CHP_STORE_LAYOUT/)
  })

  it('keeps namespaces apart: not a key of one is seen by the other', async () => {
    const [one, other] = ['one', 'other'].map(namespace =>
      redisStore({ url: server.url, namespace })
    )
    const [mine, theirs] = [await one!.open(secrets()), await other!.open(secrets())]
    const { id } = await begun(one!, { dueMs: 5 })

    assert.notDeepEqual(mine.secrets, theirs.secrets)
    assert.equal((await other!.load(id)).fence, null)
    assert.deepEqual((await other!.list(null, 10)).ids, [])
    assert.deepEqual(await other!.claimDue(10, 1000), [])
    assert.deepEqual(await one!.claimDue(10, 1000), [id])
    const keys = await redis.keys('*')
    assert.ok(keys.every(key => /^chp:(main|newer|one|other):/.test(key)))
    await Promise.all([one!.close(), other!.close()])
  })

  it('can be opened again after it was closed', async () => {
    const store = redisStore({ url: server.url })
    await store.open(secrets())
    await store.close()
    await store.open(secrets())

    const { id } = await begun(store)

    assert.equal((await store.load(id)).fence?.version, 1)
    await store.close()
  })
})
