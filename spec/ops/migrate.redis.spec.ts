import assert from 'node:assert/strict'
import { migrate } from '../../lib/ops/migrate/migrate.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { eventually } from '../support/eventually.ts'
import { kept, migratingBot, opened, ordering } from '../support/migrating-bot.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

describe('records in Redis, brought to another schema', () => {
  let server: RedisServer
  before(async () => {
    server = await startRedis()
  })
  after(() => server.stop())

  it('go up while members write, and down for the build before', async () => {
    const store = redisStore({ url: server.url })
    const seeded = await opened(store)
    const users = Array.from({ length: 200 }, (_, nth) => `u${nth}`)
    await Promise.all(users.map((user, nth) => kept(seeded, ordering(nth % 2 === 0 ? 1 : 2, user))))
    const runtime = createRuntime({ bot: migratingBot(3), store: redisStore({ url: server.url }) })
    await runtime.start()
    const chat = (user: string) => runtime.conversation({ channel: 'chan', account: 'a', user })
    const content = { kind: 'text', text: '7' } as const

    const [up, ...receipts] = await Promise.all([
      migrate({ bot: migratingBot(3), store }, { batch: 20, perSecond: 100_000 }),
      ...users.slice(0, 50).map(user => chat(user).receive({ id: 'm1', content }))
    ])
    await runtime.stop()

    assert.deepEqual([up.left, up.schemas, up.failed], [0, { 3: 200 }, 0])
    assert.deepEqual([...new Set(receipts.map(({ tag }) => tag))], ['committed'])

    const older = createRuntime({ bot: migratingBot(2), store: redisStore({ url: server.url }) })
    await older.start()
    const late = older.conversation({ channel: 'chan', account: 'a', user: 'u199' })
    assert.equal((await late.receive({ id: 'm2', content })).tag, 'deferred')
    const down = await migrate({ bot: migratingBot(3), store }, { to: 2, perSecond: 100_000 })
    assert.deepEqual([down.done, down.schemas], [200, { 2: 200 }])
    await eventually(async () => (await late.inspect())?.step === 'note')
    await older.stop()
    await store.close()
  })
})
