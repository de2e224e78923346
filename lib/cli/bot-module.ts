import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Program } from '../conversation/program.ts'
import { fail } from '../kernel/failure.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'

/** What a command is handed by the module that its words name. */
export interface BotModule {
  readonly bot: Program
  readonly keys?: KeyRing
  readonly store?: ConversationStore
}

/**
 * Loads the module with the bot, exported as `bot` or by default.
 *
 * Fails with `CHP_INPUT_INVALID` where there is none; what the module itself throws comes through.
 */
export async function moduleAt(path: string): Promise<BotModule> {
  const file = resolve(path)
  if (!existsSync(file)) return fail('CHP_INPUT_INVALID', `There is no file ${path}.`)
  const found = (await import(pathToFileURL(file).href)) as Partial<BotModule> & {
    readonly default?: Program
  }
  const bot = found.bot ?? found.default
  if (typeof bot?.schema !== 'number' || typeof bot.decide !== 'function') {
    return fail('CHP_INPUT_INVALID', `The module ${path} exports no bot.`)
  }
  const { keys, store } = found
  return {
    bot,
    ...(keys === undefined ? {} : { keys }),
    ...(store === undefined ? {} : { store })
  }
}
