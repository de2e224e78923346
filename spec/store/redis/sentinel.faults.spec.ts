import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import type { DurabilitySettings } from '../../../lib/store/redis/demand.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { eventually } from '../../support/eventually.ts'
import { figuresLine, type LoadFigures, RedisLoad } from '../../support/redis-load.ts'
import { type SentinelGroup, startSentinelGroup } from '../../support/redis-sentinel.ts'
import type { RedisServer } from '../../support/redis-server.ts'

const DOWN_AFTER_MS = 1000
const GAP_MS = DOWN_AFTER_MS + 3000
const CALL_MS = 3000
const replicated = (replicas: number) =>
  [{ durability: 'replicated', replicas }, { 'min-replicas-to-write': String(replicas) }] as const

describe('the Redis store behind Sentinel, under load', () => {
  let group: SentinelGroup
  let stores: readonly ConversationStore[]
  let load: RedisLoad

  const start = async (
    level: DurabilitySettings = {},
    settings: Readonly<Record<string, string>> = {}
  ): Promise<void> => {
    const all = { appendonly: 'yes', ...settings }
    group = await startSentinelGroup({ downAfterMs: DOWN_AFTER_MS }, all)
    stores = [1, 2].map(() => redisStore({ sentinel: group.place, ...level }))
    for (const store of stores) {
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    }
    load = new RedisLoad(stores)
    await load.more(500)
  }
  afterEach(async () => {
    for (const store of stores) await store.close()
    await group.stop()
  })

  /** What the master acknowledges from now on its replicas never hear of. */
  const cutOff = async (master: RedisServer): Promise<readonly RedisServer[]> => {
    const replicas = group.servers.filter(server => server !== master)
    const redis = new Redis(master.url)
    for (const { pid } of replicas) process.kill(pid, 'SIGSTOP')
    await redis.call('CLIENT', 'KILL', 'TYPE', 'replica')
    redis.disconnect()
    return replicas
  }
  const ended = async (fault: string): Promise<LoadFigures> => {
    const figures = await load.figures(stores[0]!)
    process.stdout.write(`      ${figuresLine(fault, figures)}\n`)
    assert.equal(figures.doubled, 0)
    assert.equal(figures.unnoticed, 0)
    assert.ok(figures.longestCallMs < CALL_MS, `a call took ${figures.longestCallMs} ms`)
    return figures
  }

  it('goes on with a replica when the master is killed', async () => {
    await start()
    const master = await group.master()

    await master.kill('SIGKILL')
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Sentinel, kill -9 of the master')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
  })

  it('leaves a master that stands still, and does not go back to it when it goes on', async () => {
    await start()
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
    await start()
    const master = await group.master()

    await group.failover()
    await eventually(async () => (await group.master()).port !== master.port)
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Sentinel, failover on request (READONLY)')
    assert.ok(figures.longestGapMs < GAP_MS, `${figures.longestGapMs} ms`)
  })

  it('leaves a master that takes no writes though nobody told it so', async () => {
    await start()
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
    await start()
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
    await start()
    const master = await group.master()
    const replicas = await cutOff(master)

    // Acknowledged by the master alone, which dies with them.
    await load.more(200)
    await master.kill('SIGKILL')
    for (const { pid } of replicas) process.kill(pid, 'SIGCONT')
    await load.goneOn()

    const figures = await ended('Sentinel, failover to a replica that lacks commits')
    assert.ok(figures.lost > 0, 'nothing was lost')
    assert.ok(figures.rollbacks > 0)
  })

  it('acknowledges nothing that replicas lack, at the level replicated', async () => {
    await start(...replicated(1))
    const master = await group.master()
    const replicas = await cutOff(master)

    await sleepUntil(performance.now() + 700)
    await master.kill('SIGKILL')
    for (const { pid } of replicas) process.kill(pid, 'SIGCONT')
    await load.goneOn()

    const figures = await ended('Sentinel, failover to such a replica at `replicated`, replicas 1')
    assert.equal(figures.lost, 0)
  })

  it('loses nothing to a failover on request, at the level replicated', async () => {
    await start(...replicated(2))
    const master = await group.master()

    await group.failover()
    await eventually(async () => (await group.master()).port !== master.port)
    await load.goneOn()
    await load.more(500)

    const figures = await ended('Sentinel, failover on request at `replicated`, replicas 2')
    assert.equal(figures.lost, 0)
  })
})

async function sleepUntil(momentMs: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, momentMs - performance.now()))
}
