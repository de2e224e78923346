// A process of its own that hands in the messages SAY (id=text, with commas), one after the other,
// and tells every receipt and every reply it sends. Where the next commit is one of STOP_AT it
// stands still between load and commit, as a suspended machine does, until it is continued.
import type { Channel } from '../../lib/channel/channel.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

const { REDIS_URL = '', INSTANCE = '', SAY = '', STOP_AT = '' } = process.env

const runtime = createRuntime({
  bot: chainProgram(),
  store: stopping(redisStore({ url: REDIS_URL })),
  instance: INSTANCE,
  limits: { leaseMs: 1_000, sweepEveryMs: 100 }
})
runtime.mount(telling())
runtime.on('turn', ({ event, version }) => say({ event: 'turn', id: event.id, version }))
await runtime.start()
say({ event: 'ready', conversation: runtime.conversation(ADDRESS).id })
for (const message of SAY.split(',').filter(text => text !== '')) {
  const [id = '', text = ''] = message.split('=')
  const chat = runtime.conversation(ADDRESS)
  const { tag } = await chat.receive({ id, content: { kind: 'text', text } })
  say({ event: 'receipt', id, tag })
}
say({ event: 'said' })
process.on('SIGTERM', () => void runtime.stop())

function stopping(store: ConversationStore): ConversationStore {
  const commit = store.commit.bind(store)
  let isOver = STOP_AT === ''
  store.commit = (id, asked) => {
    if (!isOver && asked.history.includes(STOP_AT)) {
      isOver = true
      say({ event: 'stopping' })
      process.kill(process.pid, 'SIGSTOP')
      say({ event: 'continued' })
    }
    return commit(id, asked)
  }
  return store
}

function telling(): Channel<void> {
  return {
    name: ADDRESS.channel,
    sendTimeoutMs: 1_000,
    unfit: () => null,
    mount: () => undefined,
    send: ({ key, reply }) => {
      say({ event: 'sent', key, text: reply.kind === 'text' ? reply.text : reply.kind })
      return Promise.resolve({ tag: 'sent', providerId: null })
    }
  }
}

function say(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`)
}
