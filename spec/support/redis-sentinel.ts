import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { SentinelPlace } from '../../lib/store/redis/place.ts'
import { eventually } from './eventually.ts'
import { freePort, type RedisServer, spawnedRedis, startRedis } from './redis-server.ts'

const NAME = 'chat'
const SENTINELS = 3
const REPLICAS = 2
/** Sentinels that notice at the same moment vote for themselves, and wait before they try again. */
const APART_MS = 100

/** A master, two replicas and three sentinels on this machine. */
export interface SentinelGroup {
  readonly place: SentinelPlace
  /** The first is the master at the start. */
  readonly servers: readonly RedisServer[]
  readonly sentinels: readonly SentinelServer[]
  /** The server that the sentinels call master now. */
  master(): Promise<RedisServer>
  /** Asks the sentinels to make another server master. */
  failover(): Promise<void>
  stop(): Promise<void>
}

export interface SentinelServer {
  readonly pid: number
  readonly port: number
  kill(signal: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

export interface SentinelTimes {
  /** How long a server is silent before it counts as down, in ms. */
  readonly downAfterMs: number
}

/** Starts the group and waits until everybody knows everybody. */
export async function startSentinelGroup(
  { downAfterMs }: SentinelTimes = { downAfterMs: 1000 },
  settings: Readonly<Record<string, string>> = {}
): Promise<SentinelGroup> {
  const password = settings['requirepass']
  const all = password === undefined ? settings : { ...settings, masterauth: password }
  const first = await startRedis(all)
  const replicaof = `127.0.0.1 ${first.port}`
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, async () => startRedis({ ...all, replicaof }))
  )
  const servers = [first, ...replicas]
  await Promise.all(replicas.map(attached))
  const sentinels = await Promise.all(
    servers.slice(0, SENTINELS).map(async ({ directory }, at) => {
      const settings = [
        `sentinel monitor ${NAME} 127.0.0.1 ${first.port} 2`,
        `sentinel down-after-milliseconds ${NAME} ${downAfterMs + at * APART_MS}`,
        `sentinel failover-timeout ${NAME} 4000`,
        `sentinel parallel-syncs ${NAME} ${REPLICAS}`,
        ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} ${password}`])
      ]
      return startSentinel(directory, settings)
    })
  )
  const group: SentinelGroup = {
    place: { nodes: sentinels.map(({ port }) => `redis://127.0.0.1:${port}`), master: NAME },
    servers,
    sentinels,
    master: async () => {
      const port = await masterPort(sentinels)
      const master = servers.find(server => server.port === port)
      if (master === undefined) throw new Error(`no server has port ${port}`)
      return master
    },
    failover: async () => {
      await asked(`redis://127.0.0.1:${sentinels[0]!.port}`, async redis =>
        redis.call('SENTINEL', 'FAILOVER', NAME)
      )
    },
    stop: async () => {
      await Promise.all(sentinels.map(async sentinel => sentinel.kill('SIGKILL')))
      await Promise.all(servers.map(async server => server.stop()))
    }
  }
  await Promise.all(sentinels.map(acquainted))
  return group
}

async function startSentinel(
  directory: string,
  settings: readonly string[]
): Promise<SentinelServer> {
  const port = await freePort()
  const file = join(directory, 'sentinel.conf')
  writeFileSync(
    file,
    [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, ...settings].join('\n')
  )
  const run = (): Promise<ChildProcess> => spawnedRedis([file, '--sentinel'], '+monitor master')
  let running = await run()
  return {
    port,
    get pid() {
      return running.pid!
    },
    kill: async signal => {
      if (running.exitCode !== null || running.signalCode !== null) return
      const exited = new Promise(resolve => running.once('exit', resolve))
      running.kill(signal)
      await exited
    },
    start: async () => {
      running = await run()
    }
  }
}

async function attached({ url }: RedisServer): Promise<void> {
  await asked(url, async redis => {
    await eventually(async () => (await redis.info('replication')).includes('link_status:up'))
  })
}

// Sentinels greet each other every 2 s and look at roles every 10 s: a spec need not wait for that.
async function acquainted({ port }: SentinelServer): Promise<void> {
  await asked(`redis://127.0.0.1:${port}`, async redis => {
    await redis.call('SENTINEL', 'DEBUG', 'publish-period', 50)
    await eventually(async () => {
      const flat = (await redis.call('SENTINEL', 'MASTER', NAME)) as readonly string[]
      const others = flat[flat.indexOf('num-other-sentinels') + 1]
      const slaves = flat[flat.indexOf('num-slaves') + 1]
      return others === String(SENTINELS - 1) && slaves === String(REPLICAS)
    })
    await redis.call('SENTINEL', 'DEBUG', 'publish-period', 2000, 'info-period', 500)
  })
}

async function masterPort(sentinels: readonly SentinelServer[]): Promise<number> {
  for (const { port } of sentinels) {
    const answer = await asked(`redis://127.0.0.1:${port}`, async redis =>
      redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)
    ).catch(() => null)
    if (Array.isArray(answer)) return Number(answer[1])
  }
  throw new Error('no sentinel answers')
}

async function asked<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: null, commandTimeout: 2000 })
  redis.on('error', () => undefined)
  try {
    return await ask(redis)
  } finally {
    redis.disconnect()
  }
}
