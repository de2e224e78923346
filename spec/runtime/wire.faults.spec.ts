import assert from 'node:assert/strict'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { wireRun } from '../support/wire-run.ts'

const FOR_MS = 30_000

describe('a runtime whose wire to Redis is harmed for long', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  let redis: RedisServer
  before(() => process.on('unhandledRejection', note))
  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(async () => redis.stop())
  after(() => process.off('unhandledRejection', note))

  for (const seed of [1, 2, 3])
    it(`loses and doubles nothing, leaves nothing open (seed ${seed})`, async () => {
      const figures = await wireRun(redis, { seed, users: 40, forMs: FOR_MS })

      const shown = JSON.stringify(figures)
      process.stdout.write(`      ${shown}\n`)
      assert.equal(figures.unsettled, 0, shown)
      assert.ok(figures.calls.unknown > 100 && figures.acknowledged > 1_000, shown)
      assert.deepEqual(unhandled, [])
    })
})
