import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { systemRandom } from '../../lib/kernel/random.ts'
import { redisStore } from '../../lib/redis.ts'
import { eventually } from '../support/eventually.ts'
import { MortalFleet } from '../support/mortal-fleet.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const MESSAGES = 200
const INNOCENT = Array.from({ length: 10 }, (_, at) => `member-${at}`)

describe('a message that ends its process, two processes on one Redis', function () {
  this.timeout(60_000)
  let redis: RedisServer
  let fleet: MortalFleet
  let client: Redis
  before(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
    fleet = new MortalFleet({ REDIS_URL: redis.url })
    await fleet.start()
  })
  after(async () => {
    await fleet.stop()
    client.disconnect()
    await redis.stop()
  })

  const calls = async (): Promise<{ readonly scripts: number; readonly notes: number }> => {
    const stats = await client.info('commandstats')
    const of = (name: string): number =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    // Nothing else reads a whole hash.
    return { scripts: of('evalsha'), notes: of('hgetall') }
  }

  it('is no reason for a second store call a message while nobody has died', async () => {
    let stats = { scripts: 0, notes: MESSAGES }
    await eventually(async () => {
      const before = await calls()
      for (let n = 0; n < MESSAGES; n += 1) await fleet.taken('calm', randomUUID(), 'silent', 0)
      const after = await calls()
      stats = { scripts: after.scripts - before.scripts, notes: after.notes - before.notes }
      // Whoever starts beside others is cautious until it has heard of them.
      return stats.notes < MESSAGES / 10
    })
    // What looks at the time and at what is due is beside it.
    assert.ok(stats.scripts >= MESSAGES && stats.scripts < 1.5 * MESSAGES, JSON.stringify(stats))
  })

  it('ends no more than it may run, then is parked with its cause, others answered', async () => {
    const answered = INNOCENT.map(async user => [
      await fleet.taken(user, `${user}.1`),
      await fleet.taken(user, `${user}.2`)
    ])

    const fatal = await fleet.taken('fatal', 'f1', 'exit')

    assert.equal(fatal.tag, 'parked')
    assert.ok(fleet.deaths >= 2 && fleet.deaths <= 4, `${fleet.deaths} processes ended`)
    for (const { tag } of (await Promise.all(answered)).flat())
      assert.ok(['committed', 'duplicate'].includes(tag), tag)
    assert.equal((await fleet.taken('fatal', 'f2')).tag, 'committed')
    const store = redisStore({ url: redis.url })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    const { ids } = await store.parkedList(null, 10)
    const rows = await store.parked(fatal.conversation)
    await store.close()
    assert.deepEqual(ids, [fatal.conversation])
    const [{ code, attempts, why } = {}] = rows.map(
      row => JSON.parse(row) as Record<string, unknown>
    )
    assert.deepEqual([rows.length, code, attempts], [1, 'CHP_TURN_FATAL', 4])
    assert.match(String(why), /ladder: reset/)
  })
})
