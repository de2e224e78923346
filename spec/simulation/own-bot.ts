import { existsSync, statSync } from 'node:fs'
import { extname, isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Failure } from '../../lib/kernel/failure.ts'
import { whatWasThrown } from '../../lib/kernel/thrown.ts'
import type { SimulationOptions } from '../../lib/testing/sim/simulate.ts'

/** A bot of somebody's own, and what its members say. */
export type OwnBot = Pick<SimulationOptions, 'bot' | 'words'>

type Exports = Readonly<Record<string, unknown>>

const MESSAGE_LENGTH_MOST = 300

/** What every bot has, and what it may have. */
const METHODS = ['decide', 'reset', 'initial', 'place', 'invalid']
const METHODS_AT_WILL = ['unresettable', 'restore', 'tracks', 'held']

/**
 * The bot that a module exports as `default` or `bot`, with the `words` beside it; a text says, in
 * one line, why there is none.
 */
export async function ownBot(
  path: string,
  {
    limitMs = 10_000,
    isCompiled = extname(fileURLToPath(import.meta.url)) === '.js'
  }: { readonly limitMs?: number; readonly isCompiled?: boolean } = {}
): Promise<OwnBot | string> {
  const source = resolve(path)
  if (!existsSync(source)) return `there is no file ${path}`
  if (statSync(source).isDirectory()) return `${path} is a directory, not a module`
  const file = isCompiled && extname(source) === '.ts' ? twinOf(source) : source
  if (file === null) {
    return `${path} must be compiled to JavaScript first, or lie in examples/ of this repository`
  }
  try {
    const module = await loaded(file, limitMs)
    if (module === null) return `${path} does not finish loading within ${limitMs / 1000} s`
    const bot = module['default'] ?? module['bot']
    if (!isProgram(bot)) return `${path} exports no bot, neither as default nor as bot`
    const words = module['words']
    if (words === undefined) return { bot }
    if (isTexts(words)) return { bot, words }
    return `${path} exports words that are no list of texts`
  } catch (error) {
    return `${path} gives no bot: ${whyOf(error)}`
  }
}

/** What a module exports; null when it awaits something for longer than that. */
async function loaded(file: string, limitMs: number): Promise<Exports | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(settle => {
    timer = setTimeout(settle, limitMs, null)
  })
  try {
    return await Promise.race([import(pathToFileURL(file).href) as Promise<Exports>, late])
  } finally {
    clearTimeout(timer)
  }
}

// The bot may have been made by another copy of the library: its errors are no errors of ours.
function whyOf(error: unknown): string {
  const failure = isObject(error) ? (error['failure'] as Partial<Failure> | null) : null
  if (failure?.detail !== undefined) return oneLine(`${failure.code}: ${failure.detail}`)
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const isTold = typeof name === 'string' && typeof message === 'string' && message.trim() !== ''
  if (!isTold) return oneLine(whatWasThrown(error))
  // No log keeps this: who wrote the message reads it.
  const told = oneLine(message)
  const isLong = told.length > MESSAGE_LENGTH_MOST
  return `${oneLine(name)}: ${isLong ? `${told.slice(0, MESSAGE_LENGTH_MOST - 1)}…` : told}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/**
 * Compiled programs run beside compiled bots: a source of this repository has a twin, any other
 * has none.
 */
function twinOf(file: string): string | null {
  const inside = relative('.', file)
  if (inside.startsWith('..') || isAbsolute(inside)) return null
  const twin = resolve(join('.build', inside).replace(/\.ts$/, '.js'))
  return existsSync(twin) ? twin : null
}

function isProgram(bot: unknown): bot is NonNullable<OwnBot['bot']> {
  if (!isObject(bot)) return false
  const { name, schema, migrations = [], record, calls, relogin } = bot
  return (
    typeof name === 'string' &&
    Number.isSafeInteger(schema) &&
    Array.isArray(migrations) &&
    hasMethods(record, ['decode', 'encode']) &&
    isObject(calls) &&
    !Array.isArray(calls) &&
    Object.values(calls).every(call => hasMethods(call, ['run'])) &&
    typeof relogin === 'object' &&
    hasMethods(bot, METHODS) &&
    hasMethods(
      bot,
      METHODS_AT_WILL.filter(method => bot[method] !== undefined)
    )
  )
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every(name => typeof value[name] === 'function')
}

function isObject(value: unknown): value is Exports {
  return typeof value === 'object' && value !== null
}

function isTexts(words: unknown): words is readonly string[] {
  return Array.isArray(words) && words.length > 0 && words.every(word => typeof word === 'string')
}
