import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import {
  aCommit,
  aDeferral,
  aPrint,
  begun,
  done,
  everything,
  grown
} from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }

describe('the Redis store, harmed on the wire', () => {
  let server: RedisServer
  let proxy: TcpProxy
  let store: ConversationStore
  let direct: ConversationStore

  before(async () => {
    server = await startRedis()
    proxy = await startProxy(server.port)
    store = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, commandTimeoutMs: 300 })
    direct = redisStore({ url: server.url })
    await store.open(secrets)
    await direct.open(secrets)
  })
  afterEach(async () => {
    proxy.mode = 'pass'
    proxy.release()
    await reopened(store)
  })
  after(async () => {
    await Promise.all([store.close(), direct.close()])
    await proxy.close()
    await server.stop()
  })

  it('leaves a commit unknown whose reply is lost; the repeat finds it done once', async () => {
    const { id, fence } = await begun(store)
    const commit = aCommit(fence, { replies: ['r'], fingerprint: aPrint() })
    proxy.mode = 'loseReply'

    assert.equal(await codeOf(store.commit(id, commit)), 'CHP_STORE_UNAVAILABLE')

    assert.equal((await direct.load(id)).fence?.version, 2)
    proxy.mode = 'pass'
    await reopened(store)
    const before = await everything(store, id)
    const repeated = await done(store, id, commit)
    assert.deepEqual(await everything(store, id), before)
    assert.deepEqual([repeated.fence.version, repeated.firstSequence], [2, 1])
  })

  it('leaves a commit unknown whose request is lost; the repeat does it once', async () => {
    const { id, fence } = await begun(store)
    const commit = aCommit(fence, { replies: ['r'] })
    proxy.mode = 'loseRequest'

    assert.equal(await codeOf(store.commit(id, commit)), 'CHP_STORE_UNAVAILABLE')

    assert.equal((await direct.load(id)).fence?.version, 1)
    proxy.mode = 'pass'
    await reopened(store)
    assert.equal((await done(store, id, commit)).fence.version, 2)
    assert.equal((await direct.load(id)).undelivered.length, 1)
  })

  it('gives up a commit that gets no answer, after the command timeout', async () => {
    const { id, fence } = await begun(store)
    proxy.mode = 'hold'
    const began = performance.now()

    const code = await codeOf(store.commit(id, aCommit(fence)))

    const took = performance.now() - began
    assert.equal(code, 'CHP_STORE_UNAVAILABLE')
    assert.ok(took > 250 && took < 3000, `${took} ms`)
  })

  it('takes no late answer for that of another call', async () => {
    const first = await begun(store, { record: 'first' })
    const second = await begun(store, { record: 'second' })
    proxy.mode = 'hold'
    assert.equal(await codeOf(store.load(first.id)), 'CHP_STORE_UNAVAILABLE')

    const asked = store.load(second.id)
    proxy.mode = 'pass'
    proxy.release()

    assert.equal((await asked).record, 'second')
    assert.equal((await store.load(first.id)).record, 'first')
  })

  it('leaves a connection that stays silent for a new one', async () => {
    const { id } = await begun(store)
    proxy.mode = 'hold'
    const silent: (string | undefined)[] = []

    while (!silent.includes('CHP_STORE_REFUSED')) silent.push(await codeOf(store.load(id)))

    assert.equal(silent[0], 'CHP_STORE_UNAVAILABLE')
    proxy.mode = 'pass'
    await reopened(store)
    assert.equal((await store.load(id)).fence?.version, 1)
  })

  it('settles every call that is under way when the connection breaks', async () => {
    const begunOnes = await Promise.all(Array.from({ length: 100 }, async () => begun(store)))
    proxy.mode = 'loseReply'

    const codes = await Promise.all(
      begunOnes.map(async ({ id, fence }) => codeOf(store.commit(id, aCommit(fence))))
    )

    assert.ok(codes.every(code => code?.startsWith('CHP_STORE_')))
    proxy.mode = 'pass'
    await reopened(store)
    const versions = await Promise.all(
      begunOnes.map(async ({ id, fence }) => {
        const outcome = await store.commit(id, aCommit(fence))
        return outcome.tag === 'conflict' ? outcome.version : outcome.tag
      })
    )
    assert.ok(versions.every(version => version === 2 || version === 'committed'))
  })

  it('refuses calls while there is no connection, with nothing written', async () => {
    const { id, fence } = await begun(store)
    proxy.mode = 'loseRequest'
    await codeOf(store.commit(id, aCommit(fence)))

    const codes = new Set<string | undefined>()
    for (let call = 0; call < 5; call += 1) codes.add(await codeOf(store.load(id)))

    assert.ok(codes.has('CHP_STORE_REFUSED'), [...codes].join())
    assert.ok(!codes.has('done'))
  })

  it('reads answers that arrive byte by byte', async () => {
    proxy.mode = 'bytes'

    const { id, fence } = await begun(store, { record: 'whole \0 é 👩', replies: ['a', 'b'] })
    await grown(store, id, fence, [{ replies: ['c'] }])

    const { undelivered } = await store.load(id)
    assert.deepEqual(
      undelivered.map(({ row }) => row),
      ['a', 'b', 'c']
    )
  })

  it('is not moved by a late copy of any request', async () => {
    const { id, fence } = await begun(store)
    proxy.requests.length = 0
    const second = await grown(store, id, fence, [{ fingerprint: aPrint(), replies: ['r'] }])
    await store.defer(id, aDeferral(fence.epoch, { fingerprint: aPrint() }))
    await store.settleDue(id, second, 5)
    const { fence: now } = await store.load(id)
    await grown(store, id, now, [{ take: 1, acknowledgedThrough: 1 }, {}])
    const before = await everything(direct, id)

    await sentAgain(server.port, proxy.requests)

    assert.deepEqual(await everything(direct, id), before)
  })
})

async function sentAgain(port: number, requests: readonly Buffer[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const answered = new Promise<void>((resolve, reject) => {
    let said = ''
    socket.on('data', chunk => {
      said += chunk.toString()
      if (said.includes('+PONG')) resolve()
    })
    socket.on('error', reject)
  })
  for (const request of requests) socket.write(request)
  socket.write('*1\r\n$4\r\nPING\r\n')
  await answered
  socket.destroy()
}

// A connection that has just been given up may still call itself ready for a moment.
async function reopened(store: ConversationStore): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await store.open(secrets)
      return
    } catch (error) {
      if (tries === 20) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
