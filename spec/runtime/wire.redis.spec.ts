import assert from 'node:assert/strict'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { wireRun } from '../support/wire-run.ts'

const SEED = 11

describe('a runtime whose wire to Redis is harmed', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  let redis: RedisServer
  before(async () => {
    process.on('unhandledRejection', note)
    redis = await startRedis()
  })
  after(async () => {
    process.off('unhandledRejection', note)
    await redis.stop()
  })

  it(`loses, doubles and mixes up nothing, leaves nothing open (seed ${SEED})`, async () => {
    const figures = await wireRun(redis, { seed: SEED, users: 12, forMs: 2_000 })

    const shown = JSON.stringify(figures)
    assert.equal(figures.unsettled, 0, shown)
    assert.ok(figures.calls.unknown > 0 && figures.acknowledged > 100, shown)
    assert.deepEqual(unhandled, [])
  }).timeout(30_000)
})
