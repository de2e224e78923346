import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  let problem: string | null = null
  for (let start = 1; start <= STARTS_MAX; start += 1) {
    const port = await freePort()
    const settings = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no' }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const server = spawn('redis-server', args)
    // Whatever ends this process, nothing of the server must outlive it.
    const last = (): void => {
      server.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    }
    process.once('exit', last)
    problem = await problemOfStart(server)
    const stop = async (): Promise<void> => {
      await killed(server)
      process.off('exit', last)
      await remove()
    }
    if (problem === null) return { url: `redis://127.0.0.1:${port}`, stop }
    // Somebody else may have taken the port meanwhile: another start takes another one.
    await killed(server)
  }
  await remove()
  throw new Error(`redis-server does not start: ${problem}`)
}

/** Resolves to what went wrong, or to null as soon as it takes connections. */
function problemOfStart(server: ChildProcess): Promise<string | null> {
  return new Promise(resolve => {
    let said = ''
    const end = (problem: string | null): void => {
      clearTimeout(limit)
      resolve(problem)
    }
    const limit = setTimeout(() => end('it is not ready in time'), START_MS_MAX)
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Ready to accept connections')) end(null)
    })
    server.once('error', error => end(error.message))
    server.once('exit', () => end(said.trim().split('\n').at(-1) ?? 'it ended'))
  })
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
