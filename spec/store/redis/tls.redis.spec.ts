import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { type RedisStoreOptions, redisStore } from '../../../lib/store/redis/redis-store.ts'
import { aCommit, begun, done } from '../../../lib/testing/store-contract/store-check.ts'
import { type ClusterGroup, startCluster } from '../../support/redis-cluster.ts'
import { freePort, type RedisServer, spawnedRedis, startRedis } from '../../support/redis-server.ts'
import { type TlsFiles, tlsFiles } from '../../support/tls-files.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
const CONVERSATIONS = 12
/** How long it is tried in vain. */
const openTimeoutMs = 600

/** How many conversations it served, or the code of what was said instead. */
async function servedAt(options: RedisStoreOptions): Promise<number | string | undefined> {
  const store = redisStore(options)
  try {
    await store.open(SECRETS)
    let served = 0
    for (let at = 0; at < CONVERSATIONS; at += 1) {
      const { id, fence } = await begun(store)
      await done(store, id, aCommit(fence))
      served += (await store.load(id)).fence?.version === 2 ? 1 : 0
    }
    return served
  } catch (error) {
    return failureOf(error)?.code
  } finally {
    await store.close()
  }
}

describe('a Redis store over TLS', () => {
  let files: TlsFiles
  before(() => {
    files = tlsFiles()
  })
  after(() => files.remove())

  describe('to a server and to the sentinels that watch it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'chaperone-sentinel-'))
    let server: RedisServer
    let sentinel: ChildProcess
    let ports: { readonly server: number; readonly sentinel: number }
    before(async () => {
      ports = { server: await freePort(), sentinel: await freePort() }
      server = await startRedis({ ...files.settings, 'tls-port': String(ports.server) })
      const file = join(directory, 'sentinel.conf')
      const lines = Object.entries(files.settings).map(([name, value]) => `${name} ${value}`)
      lines.push('port 0', `tls-port ${ports.sentinel}`, 'tls-replication yes', 'bind 127.0.0.1')
      lines.push(`dir ${directory}`, `sentinel monitor chat 127.0.0.1 ${ports.server} 1`)
      writeFileSync(file, lines.join('\n'))
      sentinel = await spawnedRedis([file, '--sentinel'], '+monitor master')
    })
    after(async () => {
      const ended = new Promise(resolve => sentinel.once('exit', resolve))
      sentinel.kill('SIGKILL')
      await ended
      await server.stop()
      rmSync(directory, { recursive: true })
    })

    it('serves who trusts the certificate, and nobody else', async () => {
      const url = `rediss://127.0.0.1:${ports.server}`

      assert.equal(await servedAt({ url, tls: { ca: files.ca } }), CONVERSATIONS)
      assert.equal(await servedAt({ url, openTimeoutMs }), 'CHP_STORE_UNAVAILABLE')
      const plain = `redis://127.0.0.1:${ports.server}`
      assert.equal(await servedAt({ url: plain, openTimeoutMs }), 'CHP_STORE_UNAVAILABLE')
    })

    it('finds the master by them, and both want it', async () => {
      const nodes = [`rediss://127.0.0.1:${ports.sentinel}`]
      const tls = { ca: files.ca }
      const master = 'chat'

      assert.equal(await servedAt({ sentinel: { nodes, master, tls: true }, tls }), CONVERSATIONS)
      for (const place of [
        { nodes, master, tls: false },
        { nodes: [`redis://127.0.0.1:${ports.sentinel}`], master, tls: true }
      ]) {
        assert.equal(
          await servedAt({ sentinel: place, tls, openTimeoutMs }),
          'CHP_STORE_UNAVAILABLE'
        )
      }
    })
  })

  describe('to a Cluster', () => {
    const ports: number[] = []
    let cluster: ClusterGroup
    before(async () => {
      cluster = await startCluster(
        { replicas: false, nodeTimeoutMs: 1_500 },
        { ...files.settings, 'tls-cluster': 'yes' },
        async () => {
          const port = await freePort()
          ports.push(port)
          return { 'tls-port': String(port) }
        }
      )
    })
    after(() => cluster.stop())

    it('reaches every master by the one that it was told of', async () => {
      const [first] = ports

      const seeds = [`rediss://127.0.0.1:${first}`]
      assert.equal(await servedAt({ cluster: seeds, tls: { ca: files.ca } }), CONVERSATIONS)
      assert.equal(await servedAt({ cluster: seeds, openTimeoutMs }), 'CHP_STORE_UNAVAILABLE')
    })
  })
})
