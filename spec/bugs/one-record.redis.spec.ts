import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { silentLog } from '../../lib/kernel/log.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { ADDRESS } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

describe('a conversation on Redis', () => {
  let server: RedisServer
  let redis: Redis
  before(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })

  it('B5, B6: is one hash and its history, none of which expires by itself', async () => {
    const runtime = createRuntime({
      bot: chainProgram(),
      store: redisStore({ url: server.url }),
      logger: silentLog
    })
    await runtime.start()
    const chat = runtime.conversation(ADDRESS)
    for (const id of ['m0', 'm1', 'm2']) {
      assert.equal((await chat.receive({ id, content: { kind: 'text', text: id } })).tag, OK)
    }
    await runtime.stop()

    const keys = await redis.keys('*')
    const own = keys.filter(key => key.includes(chat.id))
    const types = await Promise.all(own.map(key => redis.type(key)))
    assert.deepEqual(types.toSorted(), ['hash', 'list'])
    const lives = await Promise.all(keys.map(key => redis.pttl(key)))
    assert.deepEqual(
      lives.filter(ms => ms !== -1),
      []
    )
  })
})

const OK = 'committed'
