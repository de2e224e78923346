import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore, Fence, Loaded } from '../../../lib/store/conversation-store.ts'
import { slotOf } from '../../../lib/store/redis/key-slot.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { aCommit, done } from '../../../lib/testing/store-contract/store-check.ts'
import { storeContract } from '../../../lib/testing/store-contract.ts'
import { clusterTime } from '../../support/cluster-time.ts'
import { eventually } from '../../support/eventually.ts'
import { beginMove } from '../../support/move-slot.ts'
import { type ClusterGroup, startCluster } from '../../support/redis-cluster.ts'
import type { RedisServer } from '../../support/redis-server.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

describe('the Redis store on a Cluster', () => {
  let cluster: ClusterGroup
  let store: ConversationStore
  let other: ConversationStore

  before(async () => {
    cluster = await startCluster()
    ;[store, other] = [
      redisStore({ cluster: cluster.urls }, clusterTime.parts),
      redisStore({ cluster: cluster.urls.slice(1, 2) }, clusterTime.parts)
    ]
    for (const each of [store, other]) {
      await each.open(secrets)
    }
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    await cluster.stop()
  })

  for (const { name, check } of storeContract) {
    it(name, async () =>
      check({ store, other, advance: async ms => clusterTime.advance(cluster, ms) })
    )
  }

  it('finds the slot of any key where the servers do', async () => {
    const redis = new Redis(cluster.urls[0]!)
    const drawn = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), 300)
    const keys = ['{}a', '{a', '{a}{b}', 'a{}', '{{a}}', ...drawn]

    const rows = await redis.pipeline(keys.map(key => ['cluster', 'KEYSLOT', key])).exec()

    redis.disconnect()
    assert.deepEqual(
      keys.map(slotOf),
      rows?.map(([, slot]) => slot)
    )
  })

  it('serves a slot on its way, and waits for what is torn between two masters', async () => {
    const [from, to, last] = cluster.masters as [RedisServer, RedisServer, RedisServer]
    const ids = [1, 2, 3].map(rest =>
      Buffer.from(new Uint8Array(16).fill(rest).fill(7, 0, 1)).toString('base64url')
    )
    const fences = await Promise.all(ids.map(async id => begin(store, id, { dueMs: 9 })))
    const [staying, gone, torn] = ids as [string, string, string]
    const keys = redisKeys('main')
    const { due, index } = keys.conversation(gone).partition
    const moving = await beginMove(7 * 64, from, to, [last])

    await moving.move([keys.conversation(gone).state, keys.conversation(gone).history, due, index])
    await moving.move([keys.conversation(torn).state])
    const whole = [
      await store.commit(staying, aCommit(fences[0]!, { dueMs: 9 })),
      await store.commit(gone, aCommit(fences[1]!, { dueMs: 5 }))
    ]
    const pending = store.commit(torn, aCommit(fences[2]!, { dueMs: 9 }))
    const listed = await store.list(null, 1000)
    await moving.end()

    assert.deepEqual(
      [...whole, await pending].map(({ tag }) => tag),
      ['committed', 'committed', 'committed']
    )
    assert.ok(ids.every(id => listed.ids.includes(id)))
  })

  it('asks a master that hangs for the time once, not every time', async () => {
    const hurried = redisStore({ cluster: cluster.urls, commandTimeoutMs: 600 })
    await hurried.open(secrets)
    for (const { pid } of cluster.masters) {
      process.kill(pid, 'SIGSTOP')
      await hurried.time()
      const began = performance.now()

      await hurried.time()

      const tookMs = performance.now() - began
      process.kill(pid, 'SIGCONT')
      assert.ok(tookMs < 500, `${tookMs} ms`)
    }
    await hurried.close()
  })

  it('stops only what a dead master holds, says so, and goes on when it is back', async () => {
    const lines: string[] = []
    const line = (fields: { readonly event?: string }): void => {
      lines.push(String(fields.event))
    }
    const log = { debug: line, info: line, warn: line, error: line }
    const watched = redisStore({ cluster: cluster.urls, log }, clusterTime.parts)
    await watched.open(secrets)
    const [here, there] = [1, 250].map(first =>
      Buffer.from([first, ...systemRandom.bytes(15)]).toString('base64url')
    ) as [string, string]
    const [fence] = await Promise.all(
      [here, there].map(async id => begin(watched, id, { dueMs: 5 }))
    )
    await cluster.masters[2]!.kill('SIGKILL')

    const failed = await watched.load(there).catch(failureOf)
    const [claimed, listed] = [await watched.claimDue(1000, 1000), await watched.list(null, 1000)]

    assert.ok(failed !== undefined && 'code' in failed && failed.tag === 'Unavailable')
    assert.equal((await watched.commit(here, aCommit(fence!))).tag, 'committed')
    assert.deepEqual([claimed.includes(here), claimed.includes(there)], [true, false])
    assert.deepEqual([listed.ids.includes(here), listed.ids.includes(there)], [true, false])
    assert.notEqual(watched.partOf?.(here), watched.partOf?.(there))
    assert.ok(lines.includes('store.partly'))

    await cluster.masters[2]!.start()
    await eventually(async () => watched.load(there).then(isLoaded, () => false))
    await watched.list(null, 10)
    assert.equal(lines.at(-1), 'store.whole')
    await watched.close()
  })
})

async function begin(store: ConversationStore, id: string, change = {}): Promise<Fence> {
  return (await done(store, id, aCommit(null, change))).fence
}

// A server without a file on disk comes back empty; that it answers is the point.
function isLoaded(loaded: Loaded): boolean {
  return loaded.nowMs > 0
}
