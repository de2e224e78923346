import assert from 'node:assert/strict'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { startCluster } from '../../support/redis-cluster.ts'
import { startSentinelGroup } from '../../support/redis-sentinel.ts'
import { freePort, startRedis } from '../../support/redis-server.ts'
import { tlsFiles } from '../../support/tls-files.ts'
import { writtenAside } from '../../support/written-aside.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

/** What stands there once the thread of a process has written, and whether at the store's time. */
async function rowAt(place: RedisStoreOptions): Promise<readonly [string | undefined, boolean]> {
  const store = redisStore(place)
  try {
    await store.open(SECRETS)
    const before = await store.keepProcess!('p/1', '', [])
    await writtenAside(store, 'p/1', 'unmeant', false)
    assert.deepEqual((await store.keepProcess!('p/2', '', [])).rows.length, 2)
    await writtenAside(store, 'p/1', 'x blocked {"a b":1}')
    const { rows, nowMs } = await store.keepProcess!('p/2', '', [])
    const kept = rows.find(({ name }) => name === 'p/1')
    const isTimed = kept !== undefined && kept.atMs >= before.nowMs && kept.atMs <= nowMs
    return [kept?.row, isTimed]
  } finally {
    await store.close()
  }
}

const WRITTEN = ['x blocked {"a b":1}', true]

describe('a thread that writes the row of its process into Redis', () => {
  it('does so over TLS', async () => {
    const files = tlsFiles()
    const port = await freePort()
    const server = await startRedis({ ...files.settings, 'tls-port': String(port) })
    try {
      const url = `rediss://127.0.0.1:${port}`
      assert.deepEqual(await rowAt({ url, tls: { ca: files.ca } }), WRITTEN)
    } finally {
      await server.stop()
      files.remove()
    }
  })

  it('does so behind Sentinel, and in a Cluster, with their passwords', async () => {
    const group = await startSentinelGroup({ downAfterMs: 1000 }, { requirepass: 'right' })
    try {
      assert.deepEqual(await rowAt({ sentinel: { ...group.place, password: 'right' } }), WRITTEN)
    } finally {
      await group.stop()
    }
    const cluster = await startCluster(
      { replicas: false, nodeTimeoutMs: 1500 },
      { requirepass: 'right' }
    )
    try {
      assert.deepEqual(await rowAt({ cluster: cluster.urls.slice(0, 1) }), WRITTEN)
    } finally {
      await cluster.stop()
    }
  })
})
