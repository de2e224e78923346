import assert from 'node:assert/strict'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { restartRun } from '../support/restart-run.ts'

const SHORT = ['store.away', 'store.back']
const LONG = ['store.away', 'store.alarm', 'store.back']

describe('a runtime whose Redis goes away and comes back, again and again', () => {
  let redis: RedisServer
  beforeEach(async () => {
    redis = await startRedis({ appendonly: 'yes', appendfsync: 'everysec' })
  })
  afterEach(async () => redis.stop())

  for (const how of ['kill', 'stop'] as const)
    it(`takes messages within a second of its return (${how})`, async () => {
      const runs = []
      for (const awayMs of [200, 1_000, 3_000, 6_000, 12_000]) {
        const { told, ...run } = await restartRun(redis, { how, awayMs, users: 20 })
        const stores = told.filter(event => event.startsWith('store.'))
        process.stdout.write(`      away ${awayMs} ms: ${JSON.stringify(run)}\n`)
        if (awayMs > 2_000) assert.deepEqual(stores, awayMs < 10_000 ? SHORT : LONG)
        runs.push(run)
      }
      for (const run of runs)
        assert.ok(Math.max(run.firstMs, run.readyMs) < 1_500, JSON.stringify(run))
    })
})
