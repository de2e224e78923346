import assert from 'node:assert/strict'
import { systemRandom } from '../../lib/kernel/random.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const PROGRAM = 'spec/support/stopping-process.ts'

describe('a process that is suspended between load and commit', () => {
  let redis: RedisServer
  let store: ConversationStore
  let programs: ChildProgram[] = []
  const start = (INSTANCE: string, env: Record<string, string>): ChildProgram => {
    const program = startProgram(sourceOf(PROGRAM), { REDIS_URL: redis.url, INSTANCE, ...env })
    programs.push(program)
    return program
  }
  beforeEach(async () => {
    redis = await startRedis()
    store = redisStore({ url: redis.url })
    const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
    await store.open(secrets)
  })
  afterEach(async () => {
    for (const program of programs) await program.end('SIGKILL')
    programs = []
    await store.close()
    await redis.stop()
  })

  it('writes and sends nothing after another took its message, and says so (B2)', async () => {
    const slow = start('slow', { SAY: 'm0=hi,m1=hi', STOP_AT: '"m1"' })
    const { conversation } = await slow.event('ready')
    await slow.event('stopping')
    const fast = start('fast', { SAY: 'm1=hi,m2=hi' })
    await fast.event('said')
    await sentBy(fast, '3 m2')
    const before = await everything(store, String(conversation))

    process.kill(slow.pid, 'SIGCONT')
    await slow.event('said')

    assert.deepEqual(
      slow.log.filter(({ event }) => event === 'receipt').map(({ id, tag }) => [id, tag]),
      [
        ['m0', 'committed'],
        ['m1', 'duplicate']
      ]
    )
    // What it had not sent before it stood still is nobody's but the other's now.
    await slow.end('SIGTERM')
    assert.deepEqual(await everything(store, String(conversation)), before)
    assert.deepEqual(before.heads, ['slow/', 'fast/', 'fast/'])
    const texts = slow.log.filter(({ event }) => event === 'sent').map(({ text }) => text)
    assert.deepEqual(
      texts.filter(text => text !== '1 m0'),
      []
    )
    assert.deepEqual(
      slow.log.filter(({ event }) => event === 'turn').map(({ id }) => id),
      ['m0']
    )
  }).timeout(30_000)

  it('fires no timer that another has fired since', async () => {
    const slow = start('slow', { SAY: 'm0=remind 300', STOP_AT: 'm0@' })
    const { conversation } = await slow.event('ready')
    await slow.event('stopping')
    const fast = start('fast', {})
    await sentBy(fast, 'timer m0')
    const before = await everything(store, String(conversation))

    process.kill(slow.pid, 'SIGCONT')
    await slow.event('continued')
    assert.equal(await slow.end('SIGTERM'), 0)

    assert.deepEqual(await everything(store, String(conversation)), before)
    assert.deepEqual(before.heads, ['slow/', 'fast/'])
    const fired = slow.log.filter(({ text }) => text === 'timer m0')
    assert.deepEqual(fired, [])
  }).timeout(30_000)
})

async function sentBy(program: ChildProgram, text: string): Promise<void> {
  for (;;) {
    await program.event('sent')
    if (program.log.some(line => line['event'] === 'sent' && line['text'] === text)) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Version and inbox of a conversation, and which instance made each of its versions. */
async function everything(store: ConversationStore, id: string) {
  const { fence, record, inbox } = await store.load(id)
  const rows = await store.history(id, { limit: 100 })
  const heads = rows.map(({ head }) => head.slice(0, head.indexOf('/') + 1)).toReversed()
  return { version: fence?.version, head: fence?.head, record, inbox, heads }
}
