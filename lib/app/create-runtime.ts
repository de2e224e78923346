import { pino } from 'pino'
import type { Program } from '../conversation/program.ts'
import { refuseBad } from '../flow/check/refuse-bad.ts'
import { isBot, isChecked } from '../flow/define-bot.ts'
import { fail } from '../kernel/failure.ts'
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
 * name, key or limit that cannot be used, and with `CHP_BOT_INVALID` for what `checkBot` finds.
 *
 * @example
 * const runtime = createRuntime({ bot, store: lmdbStore({ path: './data' }) })
 * await runtime.start()
 * const chat = runtime.conversation({ channel: 'host', account: 'demo', user: 'ada' })
 * const receipt = await chat.receive({ id: '1', content: { kind: 'text', text: 'hi' } })
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  refuseNoBot(options.bot)
  const logger = options.logger ?? pino({ name: 'chaperone', level: 'warn' })
  return createSilent({ ...options, logger })
}

// What JavaScript may hand in: the parts of a bot that nobody has put together.
function refuseNoBot(bot: Program): void {
  if (typeof bot?.decide !== 'function') fail('CHP_BOT_INVALID', 'It is no bot: use defineBot.')
  if (isBot(bot) && !isChecked(bot)) refuseBad(bot.spec)
}
