import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { holds } from '../support/holds.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

describe('a conversation that is held on Redis', () => {
  let server: RedisServer
  before(async () => {
    server = await startRedis()
  })
  after(() => server.stop())
  holds(() => redisStore({ url: server.url }))
})

describe('a conversation that is held on the embedded store', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-hold-'))
  after(() => rmSync(path, { recursive: true }))
  holds(() => lmdbStore({ path }))
})
