import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redisStore } from '../../../lib/redis.ts'
import type { StoreKind } from './store-home.ts'

/** A throw-away server of its own: nothing of it is left when it was stopped. */
export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
}

const STARTS_MAX = 3
const START_MS_MAX = 10_000

/** Starts `redis-server` on a free port of 127.0.0.1; rejects when there is no such program. */
export async function startRedis(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'chaperone-redis-'))
  let problem = ''
  for (let start = 1; start <= STARTS_MAX; start += 1) {
    const port = await freePort()
    const settings = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no' }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const server = spawn('redis-server', args)
    problem = await ready(server)
    if (problem === '') {
      return { url: `redis://127.0.0.1:${port}`, stop: () => stop(server, directory) }
    }
    // Somebody else may have taken the port meanwhile: another start takes another one.
    await stop(server, directory)
  }
  throw new Error(`redis-server does not start: ${problem}`)
}

/** A namespace of its own for every case, on one server. */
export function redisHome({ url }: Pick<RedisServer, 'url'>): StoreKind {
  let cases = 0
  return () => {
    cases += 1
    const namespace = `case-${process.pid}-${cases}`
    return Promise.resolve({
      open: clock => redisStore({ url, namespace, clock }),
      remove: () => Promise.resolve()
    })
  }
}

/** Resolves to what went wrong, or to nothing when it takes connections. */
function ready(server: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    let said = ''
    const limit = setTimeout(() => resolve('it is not ready in time'), START_MS_MAX)
    const end = (problem: string): void => {
      clearTimeout(limit)
      resolve(problem)
    }
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Ready to accept connections')) end('')
    })
    server.once('error', error => end(error.message))
    server.once('exit', () => end(said.trim().split('\n').at(-1) ?? 'it ended'))
  })
}

async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (server.pid !== undefined && server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  await rm(directory, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
