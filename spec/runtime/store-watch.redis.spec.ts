import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemClock } from '../../lib/kernel/clock.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { chainProgram } from '../support/chain-program.ts'
import { eventually } from '../support/eventually.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

/** A clock whose timers ring ten times as soon. */
const hasty = {
  ...systemClock,
  after: (ms: number, run: () => void) => systemClock.after(ms / 10, run)
}

describe('a Redis whose settings are changed while the bot runs', () => {
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

  for (const [name, wrong, right] of [
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendfsync', 'no', 'everysec']
  ] as const) {
    it(`raises one alarm for ${name} ${wrong} within 10 s, and stays ready`, async () => {
      const alarms: string[] = []
      const events: string[] = []
      const note = (fields: object) =>
        void events.push((fields as { readonly event: string }).event)
      const logger = { debug: () => undefined, info: () => undefined, warn: note, error: note }
      const store = redisStore({ url: server.url, durability: 'everysec' })
      const runtime = createRuntime({ bot: chainProgram(), store, clock: hasty, logger })
      runtime.on('alarm', ({ failure }) => alarms.push(`${failure.code} ${failure.detail}`))
      await runtime.start()

      await redis.config('SET', name, wrong)
      await eventually(async () => alarms.length > 0, { withinMs: 1000 })
      await new Promise(resolve => setTimeout(resolve, 1000))

      assert.equal(alarms.length, 1)
      assert.match(alarms[0]!, new RegExp(`^CHP_STORE_UNFIT .*${name}`))
      assert.equal(runtime.ready, true)
      await redis.config('SET', name, right)
      await eventually(async () => events.includes('store.fit'), { withinMs: 1000 })
      const others = events.filter(event => event !== 'alarm')
      assert.deepEqual(others, ['store.unfit', 'store.fit'])
      await runtime.stop()
    })
  }
})
