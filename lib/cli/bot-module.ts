import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Program } from '../conversation/program.ts'
import { fail, failureOf } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'
import { Misfit } from './usage.ts'

/** What a command is handed by the module that its words name. */
export interface BotModule {
  readonly bot: Program
  readonly keys?: KeyRing
  readonly store?: ConversationStore
}

/**
 * Loads the module with the bot, exported as `bot` or by default.
 *
 * Fails with `CHP_INPUT_INVALID` where there is none, with `Misfit` where it cannot be loaded; a
 * failure of ours that the module itself meets, like that of a bot refused, comes through.
 */
export async function moduleAt(path: string): Promise<BotModule> {
  const file = resolve(path)
  if (!existsSync(file)) return fail('CHP_INPUT_INVALID', `There is no file ${path}.`)
  const found = await loaded(path, file)
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

type Exports = Partial<BotModule> & { readonly default?: Program }

async function loaded(path: string, file: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(file).href)) as Exports
  } catch (error) {
    if (failureOf(error) !== undefined) throw error
    throw new Misfit(`${path} could not be loaded: ${firstLineOf(error)}`)
  }
}

// It is the module of whoever reads this, so its words may be shown as they are.
function firstLineOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : whatWasThrown(error)
}
