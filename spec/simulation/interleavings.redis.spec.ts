import assert from 'node:assert/strict'
import fc from 'fast-check'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { ADDRESS } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const MOVES = ['commit', 'load', 'defer', 'acknowledged', 'settleDue'] as const

describe('two runtimes on a real Redis, in every order of its answers', () => {
  let redis: RedisServer
  let rounds = 0
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis?.stop())

  it('take every message once, in one order, and send what they committed', async () => {
    const sent = fc.array(fc.record({ to: fc.nat(1), both: fc.boolean() }), {
      minLength: 2,
      maxLength: 7
    })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), sent, async (scheduler, messages) => {
        rounds += 1
        const lines: string[] = []
        const runtimes = await Promise.all(
          [0, 1].map(index => started(redis.url, `n${rounds}`, index, scheduler, lines))
        )
        const receipts = messages.flatMap(({ to, both }, nth) => {
          const chosen = both ? [0, 1] : [to]
          return chosen.map(index => taken(runtimes[index]!, `m${nth}`))
        })
        await scheduler.waitFor(Promise.all(receipts))
        const stopped = Promise.all(runtimes.map(runtime => runtime.stop({ graceMs: 3_000 })))
        await scheduler.waitFor(stopped)

        const { violations, commits } = checkEventLog(lines, { idsAreGlobal: true })
        assert.deepEqual(violations, [])
        assert.equal(commits, messages.length)
      }),
      { numRuns: 25 }
    )
  })
})

/** Hands a message in until it is taken, as a provider does. */
async function taken(runtime: Runtime, id: string): Promise<void> {
  for (;;) {
    const content = { kind: 'text', text: 'hi' } as const
    const { tag } = await runtime.conversation(ADDRESS).receive({ id, content })
    if (tag !== 'shed') return
  }
}

async function started(
  url: string,
  namespace: string,
  index: number,
  scheduler: fc.Scheduler,
  lines: string[]
): Promise<Runtime> {
  const runtime = createRuntime({
    bot: chainProgram(),
    store: interleaved(redisStore({ url, namespace }), scheduler, index),
    instance: `p${index}`,
    eventLog: line => lines.push(line)
  })
  runtime.mount({
    name: 'chan',
    sendTimeoutMs: 5_000,
    unfit: () => null,
    mount: () => undefined,
    send: () => scheduler.schedule(Promise.resolve({ tag: 'sent', providerId: null }), 'send')
  })
  await runtime.start()
  return runtime
}

/** The store, whose answers come in the order that the scheduler draws. */
function interleaved(
  store: ConversationStore,
  scheduler: fc.Scheduler,
  index: number
): ConversationStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      const made = (args: readonly unknown[]): Promise<unknown> =>
        Reflect.apply(value, target, args) as Promise<unknown>
      const isDrawn = MOVES.some(name => name === property)
      return (...args: readonly unknown[]) =>
        isDrawn ? scheduler.schedule(made(args), `p${index} ${String(property)}`) : made(args)
    }
  })
}
