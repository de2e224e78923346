import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import { Redis } from 'ioredis'
import { heard } from '../../../lib/store/redis/heard-socket.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

/** Every socket of this client fails twice, as one of TLS may. */
function failTwice(client: Redis): void {
  const socket = Reflect.get(client, 'stream') as EventEmitter
  socket.emit('error', new Error('its certificate is not trusted'))
  socket.emit('error', new Error('what the server said when it was left'))
}

describe('a socket of a Redis client', () => {
  let server: RedisServer
  const clients: Redis[] = []
  let told = 0
  const tell = (): void => {
    told += 1
  }
  beforeEach(() => {
    told = 0
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect()
  })
  before(async () => {
    server = await startRedis()
  })
  after(() => server.stop())

  it('may fail more than once, and each time that is told', async () => {
    const client = heard(new Redis({ port: server.port, lazyConnect: true }), tell)
    clients.push(client.on('error', () => undefined))
    await client.connect()
    failTwice(client)
    assert.equal(told, 2)
  })

  it('may do so also on the way to a sentinel', async () => {
    const host = '127.0.0.1'
    const { port } = server
    const client = heard(
      new Redis({ sentinels: [{ host, port }], name: 'chat', lazyConnect: true }),
      tell
    )
    const connector = Reflect.get(client, 'connector') as {
      connectToSentinel(endpoint: object): Redis
    }
    const sentinel = connector.connectToSentinel({ host, port })
    clients.push(sentinel.on('error', () => undefined))
    await sentinel.ping()
    failTwice(sentinel)
    assert.equal(told, 2)
  })
})
