import { redisHome } from '../../../../examples/ledger/transcript/redis-home.ts'
import {
  type RedisServer,
  startRedis
} from '../../../../examples/ledger/transcript/redis-server.ts'
import type { StoreKind } from '../../../../examples/ledger/transcript/store-home.ts'
import { playsEveryCase } from './plays-every-case.ts'

describe('every case holds on Redis', () => {
  let server: RedisServer
  let kind: StoreKind
  before(async () => {
    server = await startRedis()
    kind = redisHome(server)
  })
  after(() => server.stop())

  playsEveryCase('redis', () => kind)
})
