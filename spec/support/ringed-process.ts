import { redisStore } from '../../lib/redis.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { slowPay, startAsked } from './asked-process.ts'
import { ringNamed, tokenBot } from './named-ring.ts'

// A process of its own that takes messages from its parent and seals with the key named first in
// RING; whatever it logs above `info` it tells, too.
const { REDIS_URL = '', INSTANCE = '', RING = '' } = process.env

const tell = (fields: object): void => void process.send?.({ told: fields })
const runtime = createRuntime({
  bot: tokenBot({ calls: { pay: slowPay(60) }, progressAfterMs: 500 }),
  store: redisStore({ url: REDIS_URL }),
  instance: INSTANCE,
  keys: ringNamed(RING),
  limits: { leaseMs: 2_000 },
  logger: { debug: () => undefined, info: () => undefined, warn: tell, error: tell }
})
await startAsked(runtime, 0)
