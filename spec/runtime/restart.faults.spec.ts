import assert from 'node:assert/strict'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
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

  it('takes messages again within seconds of a kill -9 of the process', async () => {
    const path = sourceOf('spec/support/stopping-process.ts')
    const started = (SAY: string): ChildProgram =>
      startProgram(path, { REDIS_URL: redis.url, INSTANCE: 'one', SAY })
    const first = started('m0=hi,m1=hi')
    await first.event('said')
    await first.end('SIGKILL')
    const fromMs = performance.now()

    const second = started('m1=hi,m2=hi')
    await second.event('ready')
    const readyMs = Math.round(performance.now() - fromMs)
    await second.event('said')
    const saidMs = Math.round(performance.now() - fromMs)

    process.stdout.write(`      ${JSON.stringify({ readyMs, saidMs })}\n`)
    const receipts = second.log.filter(({ event }) => event === 'receipt')
    await second.end('SIGKILL')
    assert.deepEqual(
      receipts.map(({ id, tag }) => [id, tag]),
      [
        ['m1', 'duplicate'],
        ['m2', 'committed']
      ]
    )
    assert.ok(saidMs < 9_000, `${saidMs} ms`)
  })
})
