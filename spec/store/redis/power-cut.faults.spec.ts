import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { aCommit } from '../../../lib/testing/store-contract/store-check.ts'
import { RedisLoad } from '../../support/redis-load.ts'
import { freePort, type RedisServer, spawnedRedis, startRedis } from '../../support/redis-server.ts'

const IMAGES = 10
const SECRETS = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

describe('a Redis at always whose power is cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-power-'))
  let server: RedisServer
  let stores: readonly ConversationStore[]
  let load: RedisLoad
  before(async () => {
    server = await startRedis({
      appendonly: 'yes',
      appendfsync: 'always',
      'auto-aof-rewrite-percentage': '0'
    })
    stores = [1, 2].map(() => redisStore({ url: server.url, durability: 'always' }))
    for (const store of stores) await store.open(SECRETS)
    load = new RedisLoad(stores)
    await load.more(500)
  })
  after(async () => {
    for (const store of stores) await store.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  it('holds in every image of its files all that was acknowledged', async () => {
    let commits = 0
    for (let at = 1; at <= IMAGES; at += 1) {
      await load.more(100)
      const before = new Map(load.ids.map(id => [id, load.acknowledged([id])]))
      const image = join(folder, `image-${at}`)
      // It writes on meanwhile: what is copied ends anywhere, also within a command.
      cpSync(server.directory, image, { recursive: true })
      commits = await heldBy(image, before)
      rmSync(image, { recursive: true })
    }
    const { lost, doubled } = await load.figures(stores[0]!)
    assert.deepEqual([lost, doubled], [0, 0])
    process.stdout.write(`      ${IMAGES} images, ${commits} commits in the last, 0 lost\n`)
  }).timeout(180_000)
})

/** Starts a server on a copy of the files; how many commits it holds, none less than these. */
async function heldBy(image: string, least: ReadonlyMap<string, number>): Promise<number> {
  const port = await freePort()
  const own = ['--bind', '127.0.0.1', '--port', String(port), '--dir', image, '--save', '']
  const args = [...own, '--appendonly', 'yes']
  const restarted = await spawnedRedis(args, 'Ready to accept connections')
  const store = redisStore({ url: `redis://127.0.0.1:${port}` })
  let commits = 0
  try {
    await store.open(SECRETS)
    for (const [id, version] of least) {
      const { fence, newestHead } = await store.load(id)
      assert.ok(fence !== null && fence.version >= version, `${id} lost ${version}`)
      assert.equal(newestHead, fence.head)
      commits += fence.version
      assert.equal((await store.commit(id, aCommit(fence))).tag, 'committed')
    }
  } finally {
    await store.close()
    const ended = new Promise(resolve => restarted.once('exit', resolve))
    restarted.kill('SIGKILL')
    await ended
  }
  return commits
}
