// node said-at-start.ts none|undefined|own: starts a runtime whose store has a warning to say.
import { createRuntime } from '../../lib/app/create-runtime.ts'
import type { RuntimeOptions } from '../../lib/runtime/runtime.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { chainProgram } from './chain-program.ts'

const own = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => process.stdout.write('{"event":"own.warn"}\n'),
  error: () => undefined
}
const given = { none: {}, undefined: { logger: undefined }, own: { logger: own } }
const [, , which = ''] = process.argv
const logger = Object.entries(given).find(([name]) => name === which)?.[1]
const options = { bot: chainProgram(), store: memoryStore(), ...logger } as RuntimeOptions
const runtime = createRuntime(options)
await runtime.start()
await runtime.stop()
