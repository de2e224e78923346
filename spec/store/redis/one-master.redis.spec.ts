import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { systemClock } from '../../../lib/kernel/clock.ts'
import { silentLog } from '../../../lib/kernel/log.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { OneMaster } from '../../../lib/store/redis/one-master.ts'
import { checkedPlace } from '../../../lib/store/redis/place.ts'
import { eventually } from '../../support/eventually.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { type ScriptedSentinel, startScriptedSentinel } from '../../support/scripted-sentinel.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

/** A connection that stands still is given up after this by itself, in ms. */
const GIVEN_UP_MS = 20_000

describe('the master that the sentinels name', () => {
  let former: RedisServer
  let redis: Redis
  let next: RedisServer
  let way: TcpProxy
  let sentinel: ScriptedSentinel
  let master: OneMaster

  beforeEach(async () => {
    ;[former, next] = await Promise.all([startRedis(), startRedis()])
    redis = new Redis(former.url)
    way = await startProxy(former.port)
    sentinel = await startScriptedSentinel(way.port)
    const nodes = [`redis://127.0.0.1:${sentinel.port}`]
    const place = checkedPlace({ sentinel: { nodes, master: 'chat' } })
    assert.ok(place.kind === 'one')
    master = new OneMaster({
      target: place.target,
      commandTimeoutMs: GIVEN_UP_MS,
      openTimeoutMs: GIVEN_UP_MS,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      scripts: []
    })
    await master.ready()
    await eventually(async () => sentinel.listeners > 0)
    assert.equal(master.addressOf(), `127.0.0.1:${way.port}`)
  })
  afterEach(async () => {
    master.close()
    redis.disconnect()
    await sentinel.close()
    await way.close()
    await Promise.all([former.stop(), next.stop()])
  })

  const isNext = async (): Promise<boolean> => master.addressOf() === `127.0.0.1:${next.port}`

  it('is gone to when another one is announced', async () => {
    sentinel.switchTo(next.port)

    await eventually(isNext)
    await master.call('SET', 'written', 'here')
  })

  it('is gone to also when a sentinel that does not know it yet was asked before', async () => {
    const before = sentinel.asked
    sentinel.lateMs = 200
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(async () => sentinel.asked > before)

    sentinel.switchTo(next.port)

    await eventually(isNext, { withinMs: 5_000 })
  })

  it('is gone to also from one that stood still while a connection to it was made', async () => {
    way.mode = 'hold'
    way.requests.length = 0
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    // The sentinels have not noticed yet: it is asked again, and does not answer.
    await eventually(async () => Buffer.concat(way.requests).includes('chaperone'))

    sentinel.switchTo(next.port)
    await new Promise(resolve => setTimeout(resolve, 200))
    way.mode = 'pass'
    way.release()

    await eventually(isNext, { withinMs: 3_000 })
    await master.call('SET', 'written', 'here')
    assert.equal(await redis.exists('written'), 0)
  })
})
