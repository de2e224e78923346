import { readFileSync } from 'node:fs'
import { isLeft } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import { isBot } from '../flow/define-bot.ts'
import {
  type BotOutline,
  type BotSpec,
  type Core,
  checkBot,
  type Finding,
  flowGraph,
  outlineOf
} from '../flow/index.ts'
import { failureOf } from '../kernel/failure.ts'
import { moduleAt } from './bot-module.ts'
import { readWords } from './read-words.ts'
import type { Terminal } from './terminal.ts'
import { Misfit } from './usage.ts'

/**
 * `chaperone check`: a line for everything that is wrong with a bot, and for what conversations of
 * the build before would miss in it. 0 when that is nothing, 1 when it is something.
 */
export async function checkCommand(words: readonly string[], { say }: Terminal): Promise<number> {
  const { path, values } = readWords(words, { previous: { type: 'string' } })
  const before = values.previous === undefined ? undefined : outlineAt(values.previous)
  const loaded = await botAt(path)
  const findings = loaded.tag === 'bot' ? checkBot(loaded.spec, before) : loaded.findings
  if (findings.length > 0) return told(findings, say)
  say('Nothing is wrong with the bot.\n')
  return 0
}

/** `chaperone graph`: the bot as Mermaid text. */
export function graphCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  return printed(words, terminal, flowGraph)
}

/** `chaperone outline`: what `check --previous` of the next build is to be given. */
export function outlineCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  return printed(words, terminal, spec => `${JSON.stringify(outlineOf(spec))}\n`)
}

async function printed(
  words: readonly string[],
  { say }: Terminal,
  print: (spec: BotSpec<Core>) => string
): Promise<number> {
  const loaded = await botAt(readWords(words, {}).path)
  if (loaded.tag === 'wrong') return told(loaded.findings, say)
  say(print(loaded.spec))
  return 0
}

function told(findings: readonly Finding[], say: Terminal['say']): number {
  for (const { kind, flow, step, says } of findings) {
    const place = [flow, step].filter(part => part !== null).join('.')
    say(`${place === '' ? 'bot' : place}: ${says} (${kind})\n`)
  }
  return 1
}

type Loaded =
  | { readonly tag: 'bot'; readonly spec: BotSpec<Core> }
  /** It was refused when it was defined. */
  | { readonly tag: 'wrong'; readonly findings: readonly Finding[] }

async function botAt(path: string): Promise<Loaded> {
  try {
    const { bot } = await moduleAt(path)
    if (!isBot(bot)) throw new Misfit(`The bot of ${path} was not made with defineBot.`)
    return { tag: 'bot', spec: bot.spec }
  } catch (error) {
    const failed = failureOf(error)
    if (failed?.code === 'CHP_BOT_INVALID' && Array.isArray(failed.cause))
      return { tag: 'wrong', findings: failed.cause as readonly Finding[] }
    throw failed === undefined ? error : new Misfit(failed.detail)
  }
}

const Outline: t.Type<BotOutline> = t.type({
  name: t.string,
  schema: t.number,
  flows: t.record(
    t.string,
    t.type({
      version: t.number,
      steps: t.record(t.string, t.union([t.readonlyArray(t.string), t.null])),
      fields: t.union([t.readonlyArray(t.string), t.null])
    })
  )
})

function outlineAt(path: string): BotOutline {
  const read = parse(textAt(path))
  const outline = isLeft(read) ? read : Outline.decode(read.right)
  if (isLeft(outline)) throw new Misfit(`${path} is no outline: write one with chaperone outline.`)
  return outline.right
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Misfit(`The outline ${path} cannot be read.`)
  }
}
