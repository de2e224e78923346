import assert from 'node:assert/strict'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'

const url = 'rediss://127.0.0.1:6379'

describe('how a thread writes the row of its process into Redis', () => {
  it('can be handed to that thread, also with trust and identity for TLS', () => {
    const tls = { ca: Buffer.from('trusted'), servername: 'redis.test' }
    const writer = redisStore({ url, tls }).rowWriter?.('p/1') ?? null

    assert.ok(writer !== null)
    assert.match(JSON.stringify(structuredClone(writer).data), /"servername":"redis\.test"/)
  })

  it('is none where the host gave what no thread can be handed', () => {
    const tls = { checkServerIdentity: () => undefined }

    assert.equal(redisStore({ url, tls: tls as object }).rowWriter?.('p/1'), null)
  })
})
