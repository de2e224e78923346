import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Redis of one spec, on a free port of this machine, in a directory of its own. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly directory: string
  /** Ends the server as a crash would, by its own process id. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

/**
 * Starts a throw-away `redis-server`; `settings` are those of redis.conf.
 *
 * @example
 * const server = await startRedis({ appendonly: 'yes' })
 */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
  { outlivesFullDisk = false } = {}
): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'chaperone-redis-'))
  const port = await freePort()
  const start = () => started(directory, port, settings, outlivesFullDisk)
  let running = await start()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (running.exitCode !== null || running.signalCode !== null) return
    const exited = new Promise(resolve => running.once('exit', resolve))
    running.kill(signal)
    await exited
  }
  const { requirepass } = settings
  return {
    url: `redis://${requirepass === undefined ? '' : `:${requirepass}@`}127.0.0.1:${port}`,
    port,
    directory,
    get pid() {
      return running.pid!
    },
    kill: end,
    start: async () => {
      running = await start()
    },
    stop: async () => {
      await end('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

function started(
  directory: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  outlivesFullDisk: boolean
): Promise<ChildProcess> {
  // A replica of a spec is there now: there are no others worth 5 s of waiting.
  const usual = { save: '', appendonly: 'no', 'repl-diskless-sync-delay': '0' }
  const all = { ...usual, ...settings, dir: directory, port: String(port) }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  // A limit on the size of files stands for a full disk; its signal would be the end of Redis.
  const through = outlivesFullDisk ? ['sh', '-c', 'trap "" XFSZ; exec "$0" "$@"'] : []
  return spawnedRedis(['--bind', '127.0.0.1', ...args], 'Ready to accept connections', through)
}

/** Starts `redis-server` with these arguments; resolves when it has said `ready`. */
export async function spawnedRedis(
  args: readonly string[],
  ready: string,
  through: readonly string[] = []
): Promise<ChildProcess> {
  const [program, ...rest] = [...through, 'redis-server', ...args]
  const server = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes(ready)) resolve()
    }
    server.stdout.on('data', listen)
    server.stderr.on('data', listen)
    server.once('error', cause => {
      reject(
        new Error('redis-server is missing: install it (apt-get install redis-server)', { cause })
      )
    })
    server.once('exit', code => reject(new Error(`redis-server ended with ${code}: ${said}`)))
  })
  return server
}

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}
