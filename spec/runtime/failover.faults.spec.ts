import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { silentLog } from '../../lib/kernel/log.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { RedisPlace } from '../../lib/store/redis/place.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { startSentinelGroup } from '../support/redis-sentinel.ts'

const USERS = Array.from({ length: 12 }, (_, at) => `user-${at}`)

/** A runtime, what it told of rollbacks, and a way to hand it a message until it is taken. */
async function started(place: RedisPlace) {
  const rollbacks: string[] = []
  const runtime: Runtime = createRuntime({
    bot: chainProgram(),
    store: redisStore(place),
    logger: silentLog
  })
  runtime.on('rollback', ({ conversation }) => rollbacks.push(conversation))
  await runtime.start()
  const chat = (user: string) => runtime.conversation({ channel: 'test', account: '1', user })
  const receive = async (user: string, id: string) =>
    chat(user).receive({ id, content: { kind: 'text', text: 'silent' } })
  const say = async (user: string, id: string, withinMs = 20_000): Promise<void> => {
    const until = performance.now() + withinMs
    for (;;) {
      const { tag } = await receive(user, id)
      if (tag === 'committed' || tag === 'duplicate') return
      if (performance.now() > until) throw new Error(`${user} ${id}: ${tag} to the end`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  return { runtime, rollbacks, chat, say, receive }
}

describe('a runtime whose Redis fails over', () => {
  it('tells of every conversation that went back, once, and goes on', async () => {
    const group = await startSentinelGroup({ downAfterMs: 1000 }, { appendonly: 'yes' })
    const { runtime, rollbacks, chat, say } = await started({ sentinel: group.place })
    const master = await group.master()
    const replicas = group.servers.filter(server => server !== master)
    const redis = new Redis(master.url)
    await Promise.all(USERS.map(async user => say(user, 'kept')))
    await redis.wait(2, 2000)
    for (const { pid } of replicas) process.kill(pid, 'SIGSTOP')
    await redis.call('CLIENT', 'KILL', 'TYPE', 'replica')
    redis.disconnect()

    await Promise.all(USERS.map(async user => say(user, 'lost')))
    await master.kill('SIGKILL')
    for (const { pid } of replicas) process.kill(pid, 'SIGCONT')
    await Promise.all(USERS.map(async user => say(user, 'next')))
    await Promise.all(USERS.map(async user => say(user, 'last')))

    const chains = await Promise.all(
      USERS.map(async user => (await chat(user).inspect())?.data['chain'])
    )
    await runtime.stop()
    await group.stop()
    assert.deepEqual(rollbacks.toSorted(), USERS.map(user => chat(user).id).toSorted())
    assert.deepEqual(new Set(chains), new Set([foldOf(['kept', 'next', 'last'])]))
  })

  it('serves all but the conversations of a master that is away, and is ready', async () => {
    const cluster = await startCluster()
    const { runtime, chat, say, receive } = await started({ cluster: cluster.urls })
    await Promise.all(USERS.map(async user => say(user, 'first')))
    const isThere = (user: string): boolean => Buffer.from(chat(user).id, 'base64url')[0]! < 170
    const [there, away] = [USERS.filter(isThere), USERS.filter(user => !isThere(user))]

    await cluster.masters[2]!.kill('SIGKILL')
    const asked = away.map(async user => receive(user, 'second'))
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all(there.map(async user => say(user, `turn ${turn}`, 2000)))
    }

    const tags = (await Promise.all(asked)).map(({ tag }) => tag)
    const { ready } = runtime
    await cluster.stop()
    await runtime.stop()
    assert.ok(away.length > 0 && there.length > 0)
    assert.deepEqual(new Set(tags), new Set(['shed']))
    assert.ok(ready)
  })
})
