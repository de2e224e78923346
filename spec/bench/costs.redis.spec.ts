import assert from 'node:assert/strict'
import { bareClient } from '../../bench/bare-client.ts'
import { median } from '../../bench/closed-loop.ts'
import { COST_NAMES, type CostRounds, costRatios, costRounds } from '../../bench/cost-rounds.ts'
import { CostBench } from '../../bench/costs.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const KB = 1000
// History is trimmed from 37 rows to 20: after so many versions memory is what it was.
const CYCLE = 17

describe('what a commit costs Redis', () => {
  const { naive, full, young, old } = COST_NAMES
  let redis: RedisServer
  let bench: CostBench
  let seen: CostRounds
  before(async function () {
    this.timeout(60_000)
    redis = await startRedis({ appendonly: 'yes', 'auto-aof-rewrite-percentage': '0' })
    bench = new CostBench(await bareClient(redis.url))
    seen = await costRounds(bench, 2, { conversations: 20, commits: CYCLE, inFlight: 10 })
  })
  after(async () => {
    bench?.close()
    await redis?.stop()
  })

  const bytesOf = async (windowIds: number): Promise<readonly number[]> => {
    const conversation = await bench.shipped(windowIds)
    const bytes: number[] = []
    for (let version = 1; version <= 36 + CYCLE; version += 1) {
      await conversation.commit()
      if (version > 36) bytes.push(await bench.bytes([conversation]))
    }
    return bytes
  }

  it('in its file is at most 0.75 of the naive script, with 512 ids in the window', () => {
    const ratio = median(costRatios(seen, [full, naive], 'aofBytes'))

    assert.ok(ratio > 0.1 && ratio <= 0.75, String(ratio))
  })

  it('in memory is at most 12 KB a conversation, and 25 KB with 512 ids', async () => {
    for (const [ids, most] of [
      [0, 12 * KB],
      [512, 25 * KB]
    ] as const) {
      const bytes = await bytesOf(ids)
      const mean = bytes.reduce((sum, each) => sum + each, 0) / bytes.length
      assert.ok(mean > KB && mean <= most, `${ids} ids: ${mean}`)
    }
  })

  it('is the same at version 20 and at version 100,000, in bytes', () => {
    for (const kind of ['aofBytes', 'bytes'] as const) {
      const ratio = median(costRatios(seen, [old, young], kind))
      assert.ok(Math.abs(ratio - 1) < 0.05, `${kind} ${ratio}`)
    }
  })

  it('is some time of its main thread', () => {
    assert.ok(seen.get(full)!.every(({ threadUs, scriptUs }) => threadUs > 0 && scriptUs > 0))
  })
})
