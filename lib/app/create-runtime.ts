import { pino } from 'pino'
import {
  createRuntime as createSilent,
  type Runtime,
  type RuntimeOptions
} from '../runtime/runtime.ts'

/**
 * Makes a runtime: checks everything, starts nothing.
 *
 * Without a `logger` warnings and errors go to standard output as pino lines; hand in
 * `pino({ level: 'silent' })` to hear nothing. Fails with `CHP_SETTING_INVALID` for an instance
 * name, key or limit that cannot be used.
 *
 * @example
 * const runtime = createRuntime({ bot, store: lmdbStore({ path: './data' }) })
 * await runtime.start()
 * const chat = runtime.conversation({ channel: 'host', account: 'demo', user: 'ada' })
 * const receipt = await chat.receive({ id: '1', content: { kind: 'text', text: 'hi' } })
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  const logger = options.logger ?? pino({ name: 'chaperone', level: 'warn' })
  return createSilent({ ...options, logger })
}
