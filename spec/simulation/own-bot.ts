import { existsSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Failure } from '../../lib/kernel/failure.ts'
import { whatWasThrown } from '../../lib/kernel/thrown.ts'
import type { SimulationOptions } from '../../lib/testing/sim/simulate.ts'

/** A bot of somebody's own, and what its members say. */
export type OwnBot = Pick<SimulationOptions, 'bot' | 'words'>

/**
 * The bot that a module exports as `default` or `bot`, with the `words` beside it; a text says, in
 * one line, why there is none.
 */
export async function ownBot(path: string): Promise<OwnBot | string> {
  const file = twinOf(resolve(path))
  if (!existsSync(file)) return `there is no file ${path}`
  try {
    const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
    const bot = module['default'] ?? module['bot']
    if (!isProgram(bot)) return `${path} exports no bot, neither as default nor as bot`
    const words = module['words']
    if (words === undefined) return { bot }
    if (isTexts(words)) return { bot, words }
    return `${path} exports words that are no list of texts`
  } catch (error) {
    return `${path} gives no bot: ${whyOf(error).replaceAll(/\s+/g, ' ')}`
  }
}

// The bot may have been made by another copy of the library: its errors are no errors of ours.
function whyOf(error: unknown): string {
  const { failure } = error as { readonly failure?: Partial<Failure> }
  return failure?.detail === undefined ? whatWasThrown(error) : `${failure.code}: ${failure.detail}`
}

/** Compiled programs run beside compiled bots: a source of this repository has a twin. */
function twinOf(file: string): string {
  const isCompiled = extname(fileURLToPath(import.meta.url)) === '.js'
  if (!isCompiled || extname(file) !== '.ts') return file
  return join('.build', relative('.', file)).replace(/\.ts$/, '.js')
}

function isProgram(bot: unknown): bot is NonNullable<OwnBot['bot']> {
  if (typeof bot !== 'object' || bot === null) return false
  return ['decide', 'reset', 'initial'].every(name => typeof Reflect.get(bot, name) === 'function')
}

function isTexts(words: unknown): words is readonly string[] {
  return Array.isArray(words) && words.length > 0 && words.every(word => typeof word === 'string')
}
