import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Receipt } from '../../lib/channel/channel.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram, foldOf } from './chain-program.ts'
import type { RedisServer } from './redis-server.ts'

/** How the server goes away, and how it comes back. */
const OUTAGES = {
  kill: {
    begin: (server: RedisServer) => server.kill('SIGKILL'),
    end: (server: RedisServer) => server.start()
  },
  stop: {
    begin: async ({ pid }: RedisServer) => void process.kill(pid, 'SIGSTOP'),
    end: async ({ pid }: RedisServer) => void process.kill(pid, 'SIGCONT')
  }
} as const

export interface RestartFigures {
  readonly acknowledged: number
  readonly shed: number
  /** From the server's return to the first message taken, and to `ready`, in ms. */
  readonly firstMs: number
  readonly readyMs: number
  readonly told: readonly string[]
}

/** Takes the store away from a runtime under load for a while, and looks how it comes back. */
export async function restartRun(
  server: RedisServer,
  {
    how,
    awayMs,
    users
  }: { readonly how: keyof typeof OUTAGES; readonly awayMs: number; readonly users: number }
): Promise<RestartFigures> {
  const told: string[] = []
  const note = (fields: object): void => void told.push((fields as { event: string }).event)
  const runtime = createRuntime({
    bot: chainProgram(),
    store: redisStore({ url: server.url, commandTimeoutMs: 500 }),
    logger: { debug: () => undefined, info: () => undefined, warn: note, error: note }
  })
  await runtime.start()
  const load = { stopped: false, acknowledged: 0, shed: 0, lastMs: 0 }
  const talks = Array.from({ length: users }, (_, at) =>
    talk(runtime, `${how}.${awayMs}.${at}`, load)
  )
  await setTimeout(300)
  await OUTAGES[how].begin(server)
  await setTimeout(awayMs)
  const before = load.acknowledged
  await OUTAGES[how].end(server)
  const fromMs = performance.now()
  while (load.acknowledged === before) await setTimeout(2)
  const firstMs = Math.round(performance.now() - fromMs)
  while (!runtime.ready) await setTimeout(2)
  const readyMs = Math.round(performance.now() - fromMs)
  load.stopped = true
  for (const [at, ids] of (await Promise.all(talks)).entries()) {
    const inspected = await runtime
      .conversation({ ...ADDRESS, user: `${how}.${awayMs}.${at}` })
      .inspect()
    assert.deepEqual(inspected?.data, { count: ids.length, chain: foldOf(ids) })
  }
  await runtime.stop()
  return { acknowledged: load.acknowledged, shed: load.shed, firstMs, readyMs, told }
}

async function talk(
  runtime: Runtime,
  user: string,
  load: { readonly stopped: boolean; acknowledged: number; shed: number }
): Promise<string[]> {
  const chat = runtime.conversation({ ...ADDRESS, user })
  const ids: string[] = []
  while (!load.stopped) {
    const id = `${user}.${ids.length}`
    ids.push(id)
    for (let tag: Receipt['tag'] = 'shed'; tag === 'shed'; ) {
      tag = (await chat.receive({ id, content: { kind: 'text', text: 'silent' } })).tag
      if (tag !== 'shed') break
      load.shed += 1
      await setTimeout(20)
    }
    load.acknowledged += 1
  }
  return ids
}
