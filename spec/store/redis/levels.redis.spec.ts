import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { Fitness } from '../../../lib/store/conversation-store.ts'
import type { RedisDurability } from '../../../lib/store/redis/demand.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startReplica } from '../../support/replica.ts'

type Settings = Readonly<Record<string, string>>

async function opened(options: RedisStoreOptions): Promise<Fitness> {
  const store = redisStore(options)
  try {
    const { durability, warnings } = await store.open({
      idKey: systemRandom.bytes(32),
      sealKey: systemRandom.bytes(32)
    })
    return { durability, warnings }
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

/** What each level is refused for: the settings that break it, and what must be named. */
const UNFULFILLED: readonly (readonly [RedisDurability, Settings, RegExp])[] = [
  ['everysec', { appendonly: 'no' }, /setting appendonly yes.*CONFIG SET appendonly yes/],
  ['everysec', { appendfsync: 'no' }, /appendfsync everysec, and it is no.*CONFIG SET appendfsync/],
  ['always', { appendonly: 'no' }, /setting appendonly yes/],
  ['always', {}, /appendfsync always, and it is everysec.*CONFIG SET appendfsync always/],
  [
    'always',
    { appendfsync: 'always', 'no-appendfsync-on-rewrite': 'yes' },
    /no-appendfsync-on-rewrite no/
  ],
  ['replicated', { appendonly: 'no' }, /setting appendonly yes/],
  ['replicated', { appendfsync: 'no' }, /appendfsync everysec, and it is no/],
  ['replicated', { 'min-replicas-to-write': '0' }, /min-replicas-to-write 1, and it is 0/],
  ['everysec', { 'maxmemory-policy': 'allkeys-lru' }, /maxmemory-policy.*noeviction/]
]

describe('a durability level that is named', () => {
  let server: RedisServer
  let replica: RedisServer
  let redis: Redis

  before(async () => {
    server = await startRedis({ appendonly: 'yes', 'min-replicas-to-write': '1' })
    replica = await startReplica(server)
    redis = new Redis(server.url)
    await redis.call('ACL', 'SETUSER', 'guest', 'on', '>g', '~*', '+@all', '-config')
  })
  after(async () => {
    redis.disconnect()
    await replica.stop()
    await server.stop()
  })
  const having = async <T>(settings: Settings, run: () => Promise<T>): Promise<T> => {
    const names = Object.keys(settings)
    const found = await Promise.all(names.map(async name => redis.config('GET', name)))
    for (const name of names) await redis.config('SET', name, settings[name]!)
    try {
      return await run()
    } finally {
      for (const row of found) await redis.config('SET', ...(row as [string, string]))
    }
  }
  const guest = (): string => `redis://guest:g@127.0.0.1:${server.port}`

  for (const [durability, settings, named] of UNFULFILLED) {
    const set = Object.entries(settings).map(pair => pair.join(' '))
    const where = set.join(', ') || 'only everysec is set'
    it(`${durability} is refused with its cure where ${where}`, async () => {
      const said = await having(settings, async () => refusal({ url: server.url, durability }))

      assert.match(said, /^CHP_STORE_UNFIT /)
      assert.match(said, named)
      assert.ok(said.includes(`127.0.0.1:${server.port}`))
    })
  }

  it('is in force and told where the server fulfils it', async () => {
    const { url } = server
    const always = { appendfsync: 'always' }

    assert.deepEqual(await opened({ url, durability: 'everysec' }), fit('everysec'))
    assert.deepEqual(await opened({ url, durability: 'replicated' }), fit('replicated'))
    await having(always, async () => {
      assert.deepEqual(await opened({ url, durability: 'always' }), fit('always'))
      // More than was asked for is what is in force.
      assert.deepEqual(await opened({ url, durability: 'everysec' }), fit('always'))
    })
  })

  it('replicated is refused while too few replicas are connected', async () => {
    const options = { url: server.url, durability: 'replicated', replicas: 2 } as const

    assert.match(await refusal(options), /^CHP_STORE_UNFIT .*2 connected replicas, and there are 1/)
  })

  for (const durability of ['everysec', 'always'] as const) {
    it(`${durability} is refused when the server hides what would prove it`, async () => {
      const said = await refusal({ url: guest(), durability })

      assert.match(said, /^CHP_STORE_UNFIT .*hides the setting appendfsync.*\+config\|get/)
    })
  }

  it('replicated is taken with a warning then, for every commit proves it', async () => {
    const { durability, warnings } = await opened({ url: guest(), durability: 'replicated' })

    assert.equal(durability, 'replicated')
    assert.match(warnings.join(), /does not tell its settings/)
  })

  it('is not asked for where none is named, and what weakens the server is told', async () => {
    const hidden = await opened({ url: guest() })
    const weak = await having({ 'no-appendfsync-on-rewrite': 'yes' }, async () =>
      opened({ url: server.url })
    )

    assert.equal(hidden.durability, 'everysec')
    assert.match(hidden.warnings.join(), /unchecked/)
    assert.match(weak.warnings.join(), /no-appendfsync-on-rewrite no/)
  })

  it('is not looked at where the user may not run what the store runs', async () => {
    await redis.call('ACL', 'SETUSER', 'half', 'on', '>h', '~chp:*', '+@all', '-zadd', '-pexpire')
    const url = `redis://half:h@127.0.0.1:${server.port}`

    const said = await refusal({ url })

    assert.match(said, /^CHP_STORE_UNFIT .*may not run/)
    assert.match(said, /ZADD/)
    assert.match(said, /\+pexpire/)
    assert.doesNotMatch(said, /HMGET|RPUSH/)
    await redis.call('ACL', 'SETUSER', 'half', '+zadd', '+pexpire', 'resetkeys', '~other:*')
    assert.match(await refusal({ url }), /HMGET/)
  })

  it('is looked at again when asked to', async () => {
    const store = redisStore({ url: server.url, durability: 'everysec' })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })

    assert.deepEqual(await store.fitness?.(), fit('everysec'))
    await having({ 'maxmemory-policy': 'allkeys-lru' }, async () => {
      const error: unknown = await store.fitness?.().catch((failed: unknown) => failed)
      assert.equal(failureOf(error)?.code, 'CHP_STORE_UNFIT')
    })
    const row = (await redis.get('chp:main:layout'))!
    await redis.set('chp:main:layout', row.replace('idKey":"', 'idKey":"x'))
    const error: unknown = await store.fitness?.().catch((failed: unknown) => failed)
    assert.match(failureOf(error)?.detail ?? '', /layout row/)
    await redis.set('chp:main:layout', row)
    await store.close()
  })

  for (const [wrong, named] of [
    [{ durability: 'sometimes' }, /everysec, always, replicated/],
    [{ replicas: 1 }, /replicas.*replicated/],
    [{ durability: 'replicated', replicas: 0 }, /replicas.*from 1/],
    [{ durability: 'replicated', replicasWithinMs: 1000 }, /replicasWithinMs.*commandTimeoutMs/],
    [{ durability: 'always', replicasWithinMs: 10 }, /replicasWithinMs.*replicated/]
  ] as const) {
    it(`is refused by name when it is ${JSON.stringify(wrong)}`, () => {
      const options = { url: server.url, ...wrong } as RedisStoreOptions

      assert.throws(
        () => redisStore(options),
        error => {
          const failed = failureOf(error)
          return failed?.code === 'CHP_SETTING_INVALID' && named.test(failed.detail)
        }
      )
    })
  }
})

function fit(durability: string): Fitness {
  return { durability, warnings: [] }
}
