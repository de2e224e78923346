import { ChaperoneError, fail, failureOf } from '../../kernel/failure.ts'
import type { Master } from './deployment.ts'

const OLDEST_MAJOR = 7

/** How durable the server says it is, and what weakens that. */
export interface Fitness {
  readonly durability: string
  readonly warnings: readonly string[]
}

/**
 * Looks whether the server may hold conversations.
 *
 * Fails with CHP_STORE_UNFIT for a server that evicts, a replica, or one older than Redis 7.
 */
export async function fitnessOf(client: Master): Promise<Fitness> {
  const info = fieldsOf(await client.call('INFO'))
  checkVersion(info)
  if (info.get('role') === 'slave') {
    fail('CHP_STORE_UNFIT', 'The server is a replica: connect to its master (setting `replicaof`).')
  }
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    fail(
      'CHP_STORE_UNFIT',
      `The setting maxmemory-policy is ${policy}, which drops data when memory is short: ` +
        'run CONFIG SET maxmemory-policy noeviction and write it to redis.conf.'
    )
  }
  if (info.get('aof_enabled') !== '1') {
    return {
      durability: 'snapshots',
      warnings: [
        'Redis keeps no append-only file: a crash loses what came after its last snapshot. ' +
          'Set appendonly yes.'
      ]
    }
  }
  return fsyncOf(client)
}

/** The fitness of several masters: each different answer, and every warning once. */
export function fitnessOfAll(all: readonly Fitness[]): Fitness {
  const warnings = all.flatMap(each => each.warnings)
  return {
    durability: [...new Set(all.map(({ durability }) => durability))].join(' and '),
    warnings: [...new Set(warnings)]
  }
}

async function fsyncOf(client: Master): Promise<Fitness> {
  const answer = await configOf(client, 'appendfsync')
  if (answer === null) {
    const warning = 'The server does not tell its appendfsync: taken for everysec, unchecked.'
    return { durability: 'everysec', warnings: [warning] }
  }
  if (answer !== 'no') return { durability: answer, warnings: [] }
  const warning =
    'The setting appendfsync is no: a power cut loses what the system had not yet written. ' +
    'Set appendfsync everysec.'
  return { durability: 'no', warnings: [warning] }
}

async function configOf(client: Master, name: string): Promise<string | null> {
  try {
    const answer = (await client.call('CONFIG', 'GET', name)) as readonly string[]
    return answer[1] ?? null
  } catch (error) {
    // Hosted servers hide their settings.
    if (failureOf(error)?.code === 'CHP_STORE_REFUSED') return null
    throw error instanceof ChaperoneError ? error : new Error('CONFIG GET failed', { cause: error })
  }
}

function checkVersion(info: ReadonlyMap<string, string>): void {
  const version = info.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    fail('CHP_STORE_UNFIT', `Redis ${version} is too old: Chaperone needs Redis 7 or newer.`)
  }
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
