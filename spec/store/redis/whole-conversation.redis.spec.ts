import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { anEpoch } from '../../../lib/testing/store-contract/store-check.ts'
import { holdsApart } from '../../support/hostile-addresses.ts'
import { CANARY, planted, staysApart } from '../../support/planted-conversation.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

describe('all that Redis holds of a conversation', () => {
  let server: RedisServer
  let redis: Redis
  let store: ConversationStore
  let other: ConversationStore

  before(async () => {
    // Plain files, so that a text in them can be found.
    server = await startRedis({ appendonly: 'yes', rdbcompression: 'no' })
    redis = new Redis(server.url)
    store = redisStore({ url: server.url })
    other = redisStore({ url: server.url, namespace: 'other' })
    for (const each of [store, other]) await each.open(SECRETS)
  })
  after(async () => {
    await Promise.all([store.close(), other.close()])
    redis.disconnect()
    await server.stop()
  })

  const files = (): string => {
    const names = readdirSync(server.directory, { recursive: true, withFileTypes: true })
    const texts = names
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    return texts.join('\n')
  }

  async function rewritten(): Promise<void> {
    await redis.bgrewriteaof()
    await until(async () => {
      const info = await redis.info('persistence')
      return /aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)
    })
    await redis.save()
  }

  it('is apart from that of every other address, however hostile', async () => {
    await holdsApart(store)
    await redis.flushall()
  })

  it('is in its export, text by text', async () => {
    const { id, alias } = await planted(store)
    const told = JSON.stringify(await store.export(id))
    const missing = async (): Promise<readonly string[]> =>
      (await stored(redis, id)).filter(text => !told.includes(JSON.stringify(text).slice(1, -1)))

    assert.deepEqual(await missing(), [])
    assert.ok(told.includes(alias))
    const [key = ''] = await redis.keys(`*${id}:s`)
    await redis.set(`${key.slice(0, -1)}new`, 'a key of a later layout')
    assert.deepEqual(await missing(), ['a key of a later layout'])
    await redis.del(`${key.slice(0, -1)}new`)
    await redis.hset(key, 'new', 'a field of a later layout')
    assert.deepEqual((await store.export(id)).rest, { new: 'a field of a later layout' })
  })

  it('is gone after an erase, also from the files when those are rewritten', async () => {
    const { id, alias, fence } = await planted(store)
    await rewritten()
    assert.ok(files().includes(CANARY) && files().includes(id) && files().includes(alias))

    assert.equal(await store.erase(id, fence.epoch, anEpoch()), 'erased')

    const left = await redis.keys(`*${id}*`)
    assert.equal(left.length, 1)
    assert.deepEqual((await redis.hkeys(left[0]!)).toSorted(), ['d3', 'm'])
    assert.equal((await redis.keys(`*${alias}*`)).length, 0)
    for (const key of await redis.keys('*')) {
      const texts = [key, ...(await textsAt(redis, key))]
      assert.ok(!texts.some(text => text.includes(alias)), key)
      assert.ok(key === left[0] || !texts.some(text => text.includes(id)), key)
      // The conversation of the spec before is planted, too, and stays.
      assert.ok(!left.includes(key) || !texts.some(text => text.includes(CANARY)), key)
    }
    const others = (await redis.keys('chp:main:*')).filter(key => !left.includes(key))
    await redis.unlink(others)
    await rewritten()
    assert.ok(!files().includes(CANARY) && !files().includes(alias))
    assert.equal(files().split(id).length - 1, 2, 'the tombstone, once a file')
  })

  it('is out of reach of another namespace, whatever is done there', async () => {
    await staysApart(store, other, async () => dumped(redis, 'chp:main:'))
  })
})

/** Every text that stands under the name of a conversation, its standing and its window apart. */
async function stored(redis: Redis, id: string): Promise<readonly string[]> {
  const keys = await redis.keys(`*${id}*`)
  const texts = await Promise.all(keys.map(async key => textsAt(redis, key)))
  return texts.flat()
}

async function textsAt(redis: Redis, key: string): Promise<readonly string[]> {
  switch (await redis.type(key)) {
    case 'hash': {
      const fields = Object.entries(await redis.hgetall(key))
      const told = fields.filter(([name]) => name !== 'm' && !/^d\d/.test(name))
      // An inbox row begins with why it waits.
      return told.map(([name, text]) => (/^i\d/.test(name) ? inboxTextOf(text) : text))
    }
    case 'list':
      return (await redis.lrange(key, '0', '-1')).map(text => text.slice(text.indexOf(' ') + 1))
    case 'zset':
      return redis.zrange(key, '0', '-1')
    case 'string':
      return [(await redis.get(key)) ?? '']
    default:
      return []
  }
}

function inboxTextOf(row: string): string {
  return row.slice(row.indexOf(' ') + 1)
}

async function dumped(redis: Redis, prefix: string): Promise<readonly string[]> {
  const keys = (await redis.keys(`${prefix}*`)).toSorted()
  return Promise.all(
    keys.map(async key => `${key} ${(await redis.dumpBuffer(key)).toString('base64')}`)
  )
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 20))
}
