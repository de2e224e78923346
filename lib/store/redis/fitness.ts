import { fail, failureOf } from '../../kernel/failure.ts'
import type { Fitness } from '../conversation-store.ts'
import type { Demand, RedisDurability } from './demand.ts'
import type { Command } from './link.ts'

const OLDEST_MAJOR = 7

/** A server that can be asked. */
export interface Examined {
  readonly address: string
  call(...command: Command): Promise<unknown>
}

/** What one server does by itself, the weakest first. */
const WRITTEN = ['snapshots', 'no', 'everysec', 'always'] as const
type Written = (typeof WRITTEN)[number]

interface Found {
  readonly written: Written
  readonly warnings: readonly string[]
}

/**
 * Looks whether the masters may hold conversations, and fulfil the level that was named.
 *
 * Fails with CHP_STORE_UNFIT for a server that evicts, a replica, one older than Redis 7, and one
 * whose settings do not fulfil the level, or do not let that be seen.
 */
export async function fitnessOf(masters: readonly Examined[], demand: Demand): Promise<Fitness> {
  const found = await Promise.all(masters.map(async master => examined(master, demand)))
  const weakest = Math.min(...found.map(({ written }) => WRITTEN.indexOf(written)))
  const isReplicated = demand.durability === 'replicated'
  return {
    durability: isReplicated ? 'replicated' : WRITTEN[weakest]!,
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))]
  }
}

async function examined(master: Examined, demand: Demand): Promise<Found> {
  const info = fieldsOf(await master.call('INFO'))
  const server = new Server(master, info)
  checkAny(server)
  const { durability, replicas } = demand
  if (durability === null) return taken(server)
  if (server.info('aof_enabled') !== '1') {
    server.lacks(durability, 'appendonly', 'yes', 'no')
  }
  if (durability === 'replicated') return replicated(server, replicas)
  const fsync = await server.setting<Written>('appendfsync')
  if (fsync === null) return server.hides(durability, 'appendfsync')
  const isEnough = fsync === 'always' || (fsync === 'everysec' && durability === 'everysec')
  if (!isEnough) return server.lacks(durability, 'appendfsync', durability, fsync)
  return { written: fsync, warnings: await pausing(server, durability) }
}

function checkAny(server: Server): void {
  const version = server.info('redis_version') ?? ''
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    server.refuse(`Redis ${version} is too old: Chaperone needs Redis 7 or newer.`)
  }
  if (server.info('role') === 'slave') {
    server.refuse('The server is a replica: connect to its master (setting `replicaof`).')
  }
  const policy = server.info('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    server.refuse(
      `The setting maxmemory-policy is ${policy}, which drops data when memory is short: ` +
        cure('maxmemory-policy', 'noeviction')
    )
  }
}

/** No level was named: what weakens the server is said, and taken. */
async function taken(server: Server): Promise<Found> {
  if (server.info('aof_enabled') !== '1') {
    const warning =
      'Redis keeps no append-only file: a crash loses what came after its last snapshot. ' +
      'Set appendonly yes.'
    return { written: 'snapshots', warnings: [warning] }
  }
  const fsync = await server.setting<Written>('appendfsync')
  if (fsync === null) return { written: 'everysec', warnings: [HIDDEN] }
  if (fsync !== 'no') return { written: fsync, warnings: await pausing(server, null) }
  const warning =
    'The setting appendfsync is no: a power cut loses what the system had not yet written. ' +
    'Set appendfsync everysec.'
  return { written: 'no', warnings: [warning] }
}

// Every commit proves by itself that replicas have it: a setting that cannot be seen is no reason
// to go without the level.
async function replicated(server: Server, replicas: number): Promise<Found> {
  const fsync = await server.setting<Written>('appendfsync')
  if (fsync === 'no') server.lacks('replicated', 'appendfsync', 'everysec', fsync)
  const online = server.replicasOnline()
  if (online < replicas) {
    server.refuse(
      `The level replicated needs ${replicas} connected replicas, and there are ${online}: ` +
        'attach replicas (setting `replicaof` of each), or ask for fewer with `replicas`.'
    )
  }
  const least = await server.setting('min-replicas-to-write')
  if (least !== null && Number(least) < replicas) {
    server.lacks('replicated', 'min-replicas-to-write', String(replicas), least)
  }
  const warnings = await pausing(server, null)
  const isHidden = fsync === null || least === null
  return { written: fsync ?? 'everysec', warnings: isHidden ? [HIDDEN, ...warnings] : warnings }
}

/** Whether the server stops flushing while it rewrites its file, which can take minutes. */
async function pausing(server: Server, durability: RedisDurability | null): Promise<string[]> {
  if ((await server.setting('no-appendfsync-on-rewrite')) !== 'yes') return []
  if (durability === 'always') server.lacks(durability, 'no-appendfsync-on-rewrite', 'no', 'yes')
  const warning =
    'The setting no-appendfsync-on-rewrite is yes: a power cut while the append-only file is ' +
    'rewritten loses more than the last second. Set no-appendfsync-on-rewrite no.'
  return [warning]
}

const HIDDEN =
  'The server does not tell its settings (CONFIG GET): its appendfsync is taken for everysec, ' +
  'unchecked.'

/** One server, what it said of itself, and the ways to refuse it. */
class Server {
  readonly #server: Examined
  readonly #info: ReadonlyMap<string, string>

  constructor(server: Examined, info: ReadonlyMap<string, string>) {
    this.#server = server
    this.#info = info
  }

  info(field: string): string | undefined {
    return this.#info.get(field)
  }

  replicasOnline(): number {
    const rows = [...this.#info].filter(([name]) => /^slave\d+$/.test(name))
    return rows.filter(([, row]) => row.includes('state=online')).length
  }

  /** A setting's value; null where the server hides it, as hosted ones do. */
  async setting<T extends string>(name: string): Promise<T | null> {
    try {
      const answer = (await this.#server.call('CONFIG', 'GET', name)) as readonly string[]
      return (answer[1] as T | undefined) ?? null
    } catch (error) {
      if (failureOf(error)?.code === 'CHP_STORE_DENIED') return null
      throw error
    }
  }

  lacks(durability: RedisDurability, name: string, needed: string, is: string): never {
    return this.refuse(
      `The level ${durability} needs the setting ${name} ${needed}, and it is ${is}: ` +
        cure(name, needed)
    )
  }

  hides(durability: RedisDurability, name: string): never {
    return this.refuse(
      `The level ${durability} cannot be checked, for the server hides the setting ${name}: ` +
        'allow the user CONFIG GET (ACL SETUSER <user> +config|get), or name no level, which ' +
        'takes what the server does, unchecked.'
    )
  }

  refuse(detail: string): never {
    return fail('CHP_STORE_UNFIT', `${detail} (Redis at ${this.#server.address})`)
  }
}

function cure(name: string, value: string): string {
  return `run CONFIG SET ${name} ${value} and write it to redis.conf.`
}

function fieldsOf(info: unknown): ReadonlyMap<string, string> {
  const lines = String(info).split(/\r?\n/)
  return new Map(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1)]
    })
  )
}
