// A process of its own that hands TIMES messages of one conversation to its runtime, AT_ONCE at a
// time, each again until it is taken. It is ready, waits for SIGUSR2, and says what came of it.
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

const { REDIS_URL = '', INSTANCE = '', TIMES = '', AT_ONCE = '' } = process.env
const counts = { conflicts: 0, shed: 0, mostConflicts: 0, duplicates: 0 }
const taken: string[] = []

const runtime = createRuntime({
  bot: chainProgram(),
  store: redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  logger: {
    debug: fields => {
      const { event, conflicts } = fields as { event?: string; conflicts?: number }
      if (event !== 'commit.conflict') return
      counts.conflicts += 1
      counts.mostConflicts = Math.max(counts.mostConflicts, conflicts ?? 0)
    },
    info: () => undefined,
    warn: () => undefined,
    error: fields => say(fields)
  }
})
await runtime.start()
const chat = runtime.conversation(ADDRESS)
const begins = once(process, 'SIGUSR2')
const alive = setInterval(() => undefined, 1_000)
say({ event: 'ready' })
await begins

const fromMs = performance.now()
let next = 0
await Promise.all(Array.from({ length: Number(AT_ONCE) }, lane))
say({ event: 'done', ...counts, taken, tookMs: Math.round(performance.now() - fromMs) })
await runtime.stop()
clearInterval(alive)

async function lane(): Promise<void> {
  while (next < Number(TIMES)) {
    next += 1
    await delivered(`${INSTANCE}.${next}`)
  }
}

async function delivered(id: string): Promise<void> {
  for (;;) {
    const receipt = await chat.receive({ id, content: { kind: 'text', text: 'silent' } })
    if (receipt.tag === 'duplicate') counts.duplicates += 1
    if (receipt.tag === 'committed' || receipt.tag === 'duplicate') {
      taken.push(id)
      return
    }
    counts.shed += 1
    await setTimeout(receipt.tag === 'shed' ? Math.min(receipt.retryAfterMs, 200) : 50)
  }
}

function say(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`)
}
