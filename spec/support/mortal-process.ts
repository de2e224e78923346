// A process of its own that takes messages by HTTP: what a member of it writes may end it, by
// `process.exit`, by the limit of its heap, or by the watchdog when the turn never ends; what says
// `throw` is a failure as any other.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { watchedPolicy } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

const { REDIS_URL, DATA_DIR = '', INSTANCE = '', POLICY } = process.env
const say = (fields: object): void => {
  process.stdout.write(`${JSON.stringify({ ...fields, atMs: performance.now() })}\n`)
}

const ENDS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('planned')
  },
  heap: () => {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })))
  },
  block: () => {
    for (;;);
  }
}

const runtime = createRuntime({
  bot: chainProgram({
    hook: (_state, event) => {
      const { content } = event as { content?: { text?: string } }
      ENDS[content?.text ?? '']?.()
      return undefined
    }
  }),
  store: REDIS_URL === undefined ? lmdbStore({ path: DATA_DIR }) : redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  ...(POLICY === undefined ? {} : { policy: watchedPolicy(POLICY) }),
  // A busy machine may let a process stand for long; others hear within 2 s what blocks.
  watchdog: { nameMs: 1_000, endMs: 4_000 },
  logger: { debug: () => undefined, info: say, warn: say, error: say }
})
await runtime.start()
const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
  const [user = '', id = '', text = ''] = ['user', 'id', 'text'].map(
    name => searchParams.get(name) ?? ''
  )
  const chat = runtime.conversation({ ...ADDRESS, user })
  void chat.receive({ id, content: { kind: 'text', text } }).then(receipt => {
    response.end(JSON.stringify({ ...receipt, conversation: chat.id }))
  })
})
server.listen(0, '127.0.0.1', () => {
  say({ event: 'listening', port: (server.address() as AddressInfo).port })
})
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void runtime.stop()
})
