import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { eventually } from '../../support/eventually.ts'
import { figuresLine, type LoadFigures, RedisLoad } from '../../support/redis-load.ts'
import { type SentinelGroup, startSentinelGroup } from '../../support/redis-sentinel.ts'

const DOWN_AFTER_MS = 1000
const GAP_MS = DOWN_AFTER_MS + 3000
const CALL_MS = 3000

describe('the Redis store behind Sentinel, under load', () => {
  let group: SentinelGroup
  let stores: readonly ConversationStore[]
  let load: RedisLoad

  beforeEach(async () => {
    group = await startSentinelGroup({ downAfterMs: DOWN_AFTER_MS }, { appendonly: 'yes' })
    stores = [1, 2].map(() => redisStore({ sentinel: group.place }))
    for (const store of stores) {
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
    load = new RedisLoad(stores)
    await load.more(500)
  })
  afterEach(async () => {
    for (const store of stores) await store.close()
    await group.stop()
  })

  const ended = async (fault: string): Promise<LoadFigures> => {
    const figures = await load.figures(stores[0]!)
    process.stdout.write(`      ${figuresLine(fault, figures)}\n`)
    assert.equal(figures.doubled, 0)
    assert.equal(figures.unnoticed, 0)
    assert.ok(figures.longestCallMs < CALL_MS, `a call took ${figures.longestCallMs} ms`)
    return figures
  }

  it('goes on with a replica when the master is killed', async () => {
    const master = await group.master()

    await master.kill('SIGKILL')
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Sentinel, kill -9 of the master')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
  })

  it('leaves a master that stands still, and does not go back to it when it goes on', async () => {
    const master = await group.master()

    process.kill(master.pid, 'SIGSTOP')
    const from = performance.now()
    await load.goneOn()
    await sleepUntil(from + 4000)
    process.kill(master.pid, 'SIGCONT')
    await load.goneOn()
    await load.more(500)

    assert.notEqual((await group.master()).port, master.port)
    const figures = await ended('Sentinel, master stopped for 4 s (zombie)')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
  })

  it('leaves a master that was demoted', async () => {
    const master = await group.master()

    await group.failover()
    await eventually(async () => (await group.master()).port !== master.port)
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Sentinel, failover on request (READONLY)')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
  })

  it('leaves a master that takes no writes though nobody told it so', async () => {
    const master = await group.master()
    const redis = new Redis(master.url)

    // It says READONLY, without an end to any connection, until the sentinels make up their minds.
    await redis.replicaof('127.0.0.1', group.servers[1]!.port)
    redis.disconnect()
    await load.goneOn()
    await load.more(500)

    await ended('Sentinel, master made a replica by hand (READONLY)')
  })

  it('goes on without sentinels, and finds its master when one is back', async () => {
    const redis = new Redis((await group.master()).url)
    for (const sentinel of group.sentinels) await sentinel.kill('SIGKILL')
    await load.goneOn()
    const connected = load.acknowledged()

    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal')
    redis.disconnect()
    const from = performance.now()
    await sleepUntil(from + 2000)
    const lonely = load.acknowledged() - connected
    await group.sentinels[0]!.start()
    await load.goneOn()

    await ended('Sentinel, all sentinels down for 2 s and every connection cut')
    assert.ok(lonely < 100, `${lonely} commits without a connection`)
  })

  it('notices, conversation by conversation, that a failover lost commits', async () => {
    const master = await group.master()
    const replicas = group.servers.filter(server => server !== master)
    const redis = new Redis(master.url)
    for (const { pid } of replicas) process.kill(pid, 'SIGSTOP')
    await redis.call('CLIENT', 'KILL', 'TYPE', 'replica')
    redis.disconnect()

    // Acknowledged by the master alone, which dies with them.
    await load.more(200)
    await master.kill('SIGKILL')
    for (const { pid } of replicas) process.kill(pid, 'SIGCONT')
    await load.goneOn()

    const figures = await ended('Sentinel, failover to a replica that lacks commits')
    assert.ok(figures.lost > 0, 'nothing was lost')
    assert.ok(figures.rollbacks > 0)
  })
})

async function sleepUntil(momentMs: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, momentMs - performance.now()))
}
