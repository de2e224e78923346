import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CallDefinition } from '../../lib/conversation/program.ts'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { chainProgram } from './chain-program.ts'

// A process of its own that takes messages from its parent, sends replies nowhere, and appends what
// it does to an event log that it shares with others.
const { REDIS_URL = '', INSTANCE = '', EVENTS = '' } = process.env

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
    await setTimeout(30)
    return E.right({ outcome: 'ok', output: null })
  }
}
const runtime = createRuntime({
  bot: chainProgram({ calls: { pay }, progressAfterMs: 500 }),
  store: redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  limits: { leaseMs: 2_000 },
  // One write a line, in the order in which the processes get to it.
  eventLog: line => appendFileSync(EVENTS, `${line}\n`)
})
runtime.mount({
  name: 'chan',
  sendTimeoutMs: 1_000,
  unfit: () => null,
  mount: () => undefined,
  send: async () => {
    await setTimeout(5)
    return { tag: 'sent', providerId: null }
  }
})
await runtime.start()
process.on('message', ({ id, user, text }: Asked) => {
  void runtime
    .conversation({ channel: 'chan', account: 'a', user })
    .receive({ id, content: { kind: 'text', text } })
    .then(({ tag }) => process.send?.({ id, tag }))
})
process.send?.({ tag: 'ready' })
