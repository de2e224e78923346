import assert from 'node:assert/strict'
import { bareClient } from '../../bench/bare-client.ts'
import { median } from '../../bench/closed-loop.ts'
import { COST_NAMES, costRatios, costRounds, VERSIONS } from '../../bench/cost-rounds.ts'
import { type AgingCommitter, CostBench } from '../../bench/costs.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const CYCLE = 17

// Times are measured here and not in the short suites: they want a machine with little else to do.
describe('what commits cost Redis over time', () => {
  let redis: RedisServer
  let bench: CostBench
  before(async () => {
    redis = await startRedis({ appendonly: 'yes', 'auto-aof-rewrite-percentage': '0' })
    bench = new CostBench(await bareClient(redis.url))
  })
  after(async () => {
    bench?.close()
    await redis?.stop()
  })

  const cycleOf = async (conversation: AgingCommitter): Promise<number> => {
    let sum = 0
    for (let count = 0; count < CYCLE; count += 1) {
      await conversation.commit()
      sum += await bench.bytes([conversation])
    }
    return sum / CYCLE
  }

  it('in memory is the same after 100,000 commits as after 20', async () => {
    const conversation = await bench.shipped(0)
    for (let count = 0; count < 36; count += 1) await conversation.commit()
    const young = await cycleOf(conversation)

    for (let count = 36 + CYCLE; count < VERSIONS.old; count += 1) await conversation.commit()

    const old = await cycleOf(conversation)
    process.stdout.write(`      ${young.toFixed(0)} bytes young, ${old.toFixed(0)} old\n`)
    assert.ok(Math.abs(old / young - 1) < 0.05, `${old} to ${young}`)
  }).timeout(300_000)

  it('in time is at most 1.15 of the naive script, and the same at version 100,000', async () => {
    const { naive, full, young, old } = COST_NAMES
    const load = { conversations: 200, commits: 60, inFlight: 100 }

    const seen = await costRounds(bench, 9, load)

    const toNaive = median(costRatios(seen, [full, naive], 'threadUs'))
    const toYoung = median(costRatios(seen, [old, young], 'threadUs'))
    process.stdout.write(
      `      ${toNaive.toFixed(3)} of naive, old to young ${toYoung.toFixed(3)}\n`
    )
    assert.ok(toNaive <= 1.15, String(toNaive))
    assert.ok(Math.abs(toYoung - 1) < 0.05, String(toYoung))
  }).timeout(600_000)
})
