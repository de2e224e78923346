import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { commitScript } from '../lib/store/redis/scripts/commit.ts'
import type { Load, Setup } from './contestant.ts'
import { measured } from './measured.ts'

/** One call of the commit script as it crossed the wire: hash, number of keys, keys, arguments. */
export type Call = readonly [sha: string, keys: string, ...rest: string[]]

type SendCommand = (this: Redis, ...args: Parameters<Redis['sendCommand']>) => unknown

const COMMIT_SHA = createHash('sha1').update(commitScript.lua).digest('hex')

/** Runs a load once and writes down every call of the commit script, by conversation. */
export async function record<T>(
  setup: Setup<T>,
  url: string,
  load: Load,
  path: string
): Promise<void> {
  const calls: Call[] = []
  const sendCommand = Reflect.get(Redis.prototype, 'sendCommand') as SendCommand
  Redis.prototype.sendCommand = function recorded(this: Redis, command, stream) {
    if (command.args[0] === COMMIT_SHA) calls.push([...command.args] as unknown as Call)
    return sendCommand.call(this, command, stream)
  }
  try {
    await measured(setup, url, load, path)
  } finally {
    Redis.prototype.sendCommand = sendCommand
  }
  writeRecording(path, byConversation(calls))
}

/** Writes calls by conversation, one conversation a line. */
export function writeRecording(path: string, calls: readonly (readonly Call[])[]): void {
  writeFileSync(path, calls.map(own => JSON.stringify(own)).join('\n'))
}

/** The calls of every conversation, each in its order. */
export function readRecording(path: string): readonly (readonly Call[])[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map(line => JSON.parse(line) as readonly Call[])
}

/** The key of the hash that holds the conversation: the first of a call's keys. */
export function stateKeyOf(call: Call | undefined): string {
  return call?.[2] ?? ''
}

function byConversation(calls: readonly Call[]): readonly (readonly Call[])[] {
  const known = new Map<string, Call[]>()
  for (const call of calls) {
    const own = known.get(stateKeyOf(call))
    if (own === undefined) known.set(stateKeyOf(call), [call])
    else own.push(call)
  }
  return [...known.values()]
}
