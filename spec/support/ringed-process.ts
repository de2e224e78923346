import { setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CallDefinition } from '../../lib/conversation/program.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { ringNamed, tokenBot } from './named-ring.ts'

// A process of its own that takes messages from its parent and seals with the key named first in
// RING; whatever it logs above `info` it tells, too.
const { REDIS_URL = '', INSTANCE = '', RING = '' } = process.env

interface Asked {
  readonly id: string
  readonly user: string
  readonly text: string
}

const pay: CallDefinition = {
  name: 'pay',
  effect: true,
  input: t.unknown,
  outcomes: { ok: t.unknown },
  attempts: 3,
  timeoutMs: 1_000,
  run: () => async () => {
    await setTimeout(60)
    return E.right({ outcome: 'ok', output: null })
  }
}
const tell = (fields: object): void => void process.send?.({ told: fields })
const runtime = createRuntime({
  bot: tokenBot({ calls: { pay }, progressAfterMs: 500 }),
  store: redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  keys: ringNamed(RING),
  limits: { leaseMs: 2_000 },
  logger: { debug: () => undefined, info: () => undefined, warn: tell, error: tell }
})
runtime.mount({
  name: 'chan',
  sendTimeoutMs: 1_000,
  unfit: () => null,
  mount: () => undefined,
  send: async () => ({ tag: 'sent', providerId: null })
})
await runtime.start()
process.on('message', (asked: Asked | 'stop') => {
  if (asked === 'stop') {
    void runtime.stop().then(() => process.disconnect())
    return
  }
  const { id, user, text } = asked
  void runtime
    .conversation({ channel: 'chan', account: 'a', user })
    .receive({ id, content: { kind: 'text', text } })
    .then(({ tag }) => process.send?.({ id, tag }))
})
process.send?.({ tag: 'ready' })
