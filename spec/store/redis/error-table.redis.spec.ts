import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { Commit, ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { aCommit, aPrint, begun, done } from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { TROUBLES } from '../../support/redis-troubles.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

describe('the error table on a real server', () => {
  let server: RedisServer
  let proxy: TcpProxy
  let admin: Redis
  let other: Redis
  let store: ConversationStore

  before(async () => {
    server = await startRedis({
      appendonly: 'yes',
      save: '3600 1000000',
      'enable-debug-command': 'yes',
      'busy-reply-threshold': '20',
      'loading-process-events-interval-bytes': '1024'
    })
    proxy = await startProxy(server.port)
    admin = new Redis(server.url)
    other = new Redis(server.url)
    await admin.call('ACL', 'SETUSER', 'bot', 'on', '>b', '~*', '&*', '+@all')
    const url = `redis://bot:b@127.0.0.1:${proxy.port}`
    store = redisStore({ url, commandTimeoutMs: 400 })
    await store.open(secrets)
  })
  after(async () => {
    await store.close()
    admin.disconnect()
    other.disconnect()
    await proxy.close()
    await server.stop()
  })

  /** Everything the server holds of a conversation, by another way than the store's. */
  const kept = async (id: string): Promise<unknown> => {
    const { state, history } = redisKeys('main').conversation(id)
    return [await admin.hgetall(state), await admin.lrange(history, 0, -1)]
  }
  /** Repeats a commit until its outcome is known, as turns do. */
  const known = async (id: string, commit: Commit) => {
    for (const until = performance.now() + 10_000; ; await pause(20)) {
      try {
        return await done(store, id, commit)
      } catch (error) {
        if (failureOf(error)?.tag !== 'Unavailable' || performance.now() > until) throw error
      }
    }
  }
  const bench = () => ({ server, proxy, admin, other })

  for (const [what, { code, quotes, make }] of Object.entries(TROUBLES)) {
    it(`${what}: refused with nothing written, done by the repeat once it is over`, async () => {
      const { id, fence } = await begun(store, { replies: ['a'] })
      const commit = aCommit(fence, { replies: ['b'], fingerprint: aPrint() })
      const before = await kept(id)
      const mend = await make(bench())

      const error: unknown = await store.commit(id, commit).catch((failed: unknown) => failed)

      await mend()
      assert.equal(failureOf(error)?.code, code)
      if (quotes !== undefined) assert.match(failureOf(error)?.detail ?? '', quotes)
      assert.deepEqual(await kept(id), before)
      const { fence: after, firstSequence } = await known(id, commit)
      assert.deepEqual([after.version, firstSequence], [2, 2])
    })
  }

  for (const said of ['NOSCRIPT No matching script.', 'MOVED 1 127.0.0.1:1', 'ASK 1 127.0.0.1:1']) {
    it(`${said.split(' ', 1)[0]}: repeated at once, and done`, async () => {
      const { id, fence } = await begun(store)
      proxy.instead = `-${said}\r\n`

      const { fence: after } = await done(store, id, aCommit(fence))

      assert.equal(after.version, 2)
    })
  }

  it('NOSCRIPT of a server that forgot its scripts: repeated at once, and done', async () => {
    const { id, fence } = await begun(store)
    await admin.script('FLUSH')

    assert.equal((await done(store, id, aCommit(fence))).fence.version, 2)
  })

  it('WRONGTYPE: refused with nothing written, for this conversation only', async () => {
    const [one, next] = [await begun(store), await begun(store)]
    const { history } = redisKeys('main').conversation(one.id)
    await admin.rename(history, 'aside')
    await admin.set(history, 'foreign')
    const commit = aCommit(one.fence)

    assert.equal(await codeOf(store.commit(one.id, commit)), 'CHP_STORE_WRONG_TYPE')

    assert.equal((await done(store, next.id, aCommit(next.fence))).fence.version, 2)
    await admin.rename('aside', history)
    assert.equal((await done(store, one.id, commit)).fence.version, 2)
  })

  const happened: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['an error nobody knows', async () => void (proxy.instead = '-WEIRD no one has seen\r\n')],
    ['a word without sense', async () => void (proxy.instead = '-\r\n')],
    ['a reset after the request', async () => void (proxy.mode = 'loseReply')],
    ['no answer in time', async () => void (proxy.mode = 'hold')]
  ]
  for (const [what, make] of happened) {
    it(`${what}: unknown; it had happened, and the repeat finds it done once`, async () => {
      const { id, fence } = await begun(store)
      const commit = aCommit(fence, { replies: ['r'], fingerprint: aPrint() })
      await make()

      const code = await codeOf(store.commit(id, commit))

      proxy.mode = 'pass'
      proxy.release()
      assert.equal(code, 'CHP_STORE_UNAVAILABLE')
      const before = await kept(id)
      const { fence: after, firstSequence } = await known(id, commit)
      assert.deepEqual([after.version, firstSequence], [2, 1])
      assert.deepEqual(await kept(id), before)
    })
  }

  it('a server that stands still: unknown; the repeat does it once', async () => {
    const { id, fence } = await begun(store)
    const commit = aCommit(fence, { replies: ['r'] })
    process.kill(server.pid, 'SIGSTOP')

    const code = await codeOf(store.commit(id, commit))

    process.kill(server.pid, 'SIGCONT')
    assert.equal(code, 'CHP_STORE_UNAVAILABLE')
    const { fence: after, firstSequence } = await known(id, commit)
    assert.deepEqual([after.version, firstSequence], [2, 1])
  })
})

describe('the error table on a server of another kind', () => {
  const opening = async (
    settings: Readonly<Record<string, string>>
  ): Promise<{ readonly code: string | undefined; readonly detail: string | undefined }> => {
    const server = await startRedis(settings)
    const url = `redis://127.0.0.1:${server.port}`
    const store = redisStore({ url, openTimeoutMs: 2_000 })
    try {
      await store.open(secrets)
      return { code: 'opened', detail: undefined }
    } catch (error) {
      return { code: failureOf(error)?.code, detail: failureOf(error)?.detail }
    } finally {
      await store.close()
      await server.stop()
    }
  }

  it('NOAUTH is found when the store is opened', async () => {
    const { code, detail } = await opening({ requirepass: 'hidden' })

    assert.match(`${code} ${detail}`, /^CHP_STORE_DENIED .*NOAUTH/)
  })
})
