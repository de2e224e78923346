import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import {
  aCommit,
  aDeferral,
  anId,
  aPrint,
  begun,
  done,
  everything,
  grown
} from '../../../lib/testing/store-contract/store-check.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
const codeOf = async (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => 'done',
    (error: unknown) => failureOf(error)?.code
  )

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
    await store.open(secrets)
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
    await store.open(secrets)
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
    await store.open(secrets)
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
    await store.open(secrets)
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
    await store.open(secrets)
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

describe('the Redis store on a server in trouble', () => {
  let server: RedisServer
  let redis: Redis
  let store: ConversationStore

  before(async () => {
    server = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
    redis = new Redis(server.url)
    store = redisStore({ url: server.url, commandTimeoutMs: 500 })
    await store.open(secrets)
  })
  after(async () => {
    await store.close()
    redis.disconnect()
    await server.stop()
  })

  for (const key of ['state', 'history', 'due', 'index', 'parked', 'parked index'] as const) {
    it(`writes nothing when the ${key} key holds a value of another kind`, async () => {
      const id = anId()
      const { state, history, parked, partition } = redisKeys('main').conversation(id)
      const names = {
        state,
        history,
        parked,
        due: partition.due,
        index: partition.index,
        'parked index': partition.parked
      }
      const foreign = names[key]
      const saved = (await redis.exists(foreign)) > 0 ? await redis.dumpBuffer(foreign) : null
      await redis.set(foreign, 'foreign')
      const commit = aCommit(null, { dueMs: 5, park: 'p', fingerprint: aPrint(), replies: ['r'] })

      const code = await codeOf(store.commit(id, commit))

      const others = Object.values(names).filter(name => name !== foreign)
      const holding = await Promise.all(
        others.map(async name =>
          (await redis.type(name)) === 'zset' ? redis.zscore(name, id) : redis.get(name)
        )
      )
      assert.equal(code, 'CHP_STORE_WRONG_TYPE')
      assert.deepEqual(holding, [null, null, null, null, null])
      await redis.del(foreign)
      if (saved !== null) await redis.restore(foreign, 0, saved)
      await done(store, id, commit)
    })
  }

  it('writes nothing when memory is short, and goes on when there is room', async () => {
    const { id, fence } = await begun(store, { replies: ['r'] })
    const before = await everything(store, id)
    await redis.config('SET', 'maxmemory', '1')

    const code = await codeOf(store.commit(id, aCommit(fence, { replies: ['x'] })))

    assert.equal(code, 'CHP_STORE_REFUSED')
    assert.deepEqual(await everything(store, id), before)
    // What frees memory is let through.
    assert.equal(await store.acknowledged(id, fence.epoch, 1), 'done')
    await redis.config('SET', 'maxmemory', '0')
    await done(store, id, aCommit(fence))
  })

  it('goes on when the server forgot its scripts', async () => {
    const { id, fence } = await begun(store)
    await redis.script('FLUSH')

    await done(store, id, aCommit(fence))
  })

  it('keeps no field that nothing points to', async () => {
    const { id, fence } = await begun(store, { replies: ['a', 'b', 'c'] })
    const call = { key: 'k', row: 'c' }
    const event = { why: 'hold', row: 'e' } as const
    const now = await grown(store, id, fence, [
      { replies: ['d'], acknowledgedThrough: 2, openCall: call, append: event },
      { replies: ['e'], acknowledgedThrough: 4, closeCalls: ['k'], take: 1 },
      { replies: [], acknowledgedThrough: 5 }
    ])
    await store.acknowledged(id, now.epoch, 5)

    const fields = await redis.hkeys(redisKeys('main').conversation(id).state)

    assert.deepEqual(fields.toSorted(), ['a', 'm', 'n', 'r0', 'r1'])
  })

  it('has kept what it acknowledged when the server is killed and started again', async () => {
    const acknowledged: { readonly id: string; readonly head: string }[] = []
    const writers = Array.from({ length: 8 }, async () => {
      const { id, fence } = await begun(store)
      let parent = fence
      for (;;) {
        const outcome = await store.commit(id, aCommit(parent)).catch(() => null)
        if (outcome?.tag !== 'committed') return
        parent = outcome.fence
        acknowledged.push({ id, head: parent.head })
      }
    })
    while (acknowledged.length < 200) await new Promise(resolve => setImmediate(resolve))

    await server.kill('SIGKILL')
    await Promise.all(writers)
    await server.start()
    await store.open(secrets)

    const last = new Map(acknowledged.map(({ id, head }) => [id, head]))
    for (const [id, head] of last) {
      const heads = (await store.history(id, { limit: 3 })).map(row => row.head)
      assert.ok(heads.includes(head), `${id} lost ${head}`)
    }
  }).timeout(20_000)
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
