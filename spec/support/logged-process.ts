import { appendFileSync } from 'node:fs'
import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { slowPay, startAsked } from './asked-process.ts'
import { chainProgram } from './chain-program.ts'

// A process of its own that takes messages from its parent, sends replies nowhere, and appends what
// it does to an event log that it shares with others.
const { REDIS_URL = '', INSTANCE = '', EVENTS = '' } = process.env

const runtime = createRuntime({
  bot: chainProgram({ calls: { pay: slowPay(30) }, progressAfterMs: 500 }),
  store: redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  limits: { leaseMs: 2_000 },
  // One write a line, in the order in which the processes get to it.
  eventLog: line => appendFileSync(EVENTS, `${line}\n`)
})
await startAsked(runtime, 5)
