import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { freePort, type RedisServer, startRedis } from './redis-server.ts'

const MASTERS = 3
const SLOTS = 16_384

/** A Cluster on this machine. */
export interface ClusterGroup {
  /** Its masters at the start, each with an equal range of slots. */
  readonly masters: readonly RedisServer[]
  /** One for each master, or none. */
  readonly replicas: readonly RedisServer[]
  readonly urls: readonly string[]
  stop(): Promise<void>
}

export interface ClusterShape {
  readonly replicas: boolean
  /** How long a node is silent before it counts as down, in ms. */
  readonly nodeTimeoutMs: number
}

/** Starts three masters, and a replica of each when asked to; waits until all agree. */
export async function startCluster(
  { replicas: withReplicas, nodeTimeoutMs }: ClusterShape = {
    replicas: false,
    nodeTimeoutMs: 1500
  },
  settings: Readonly<Record<string, string>> = {},
  /** What each server has of its own. */
  ownSettings: () => Promise<Readonly<Record<string, string>>> = async () => ({})
): Promise<ClusterGroup> {
  const count = withReplicas ? 2 * MASTERS : MASTERS
  const servers = await Promise.all(
    Array.from({ length: count }, async () =>
      startRedis({
        'cluster-enabled': 'yes',
        'cluster-port': String(await freePort()),
        'cluster-node-timeout': String(nodeTimeoutMs),
        'cluster-require-full-coverage': 'no',
        // A replica that was sent nothing yet is not listed.
        'repl-ping-replica-period': '1',
        ...(settings['requirepass'] === undefined ? {} : { masterauth: settings['requirepass'] }),
        ...settings,
        ...(await ownSettings())
      })
    )
  )
  const [masters, replicas] = [servers.slice(0, MASTERS), servers.slice(MASTERS)]
  const clients = servers.map(({ url }) => new Redis(url))
  try {
    await joined(servers, clients)
    const ids = await Promise.all(clients.map(async client => client.cluster('MYID')))
    await Promise.all(
      replicas.map(async (_, at) => replicate(clients[MASTERS + at]!, String(ids[at])))
    )
    await Promise.all(clients.map(async client => eventually(async () => agrees(client, count))))
  } finally {
    for (const client of clients) client.disconnect()
  }
  return {
    masters,
    replicas,
    urls: servers.map(({ url }) => url),
    stop: async () => {
      await Promise.all(servers.map(async server => server.stop()))
    }
  }
}

async function joined(servers: readonly RedisServer[], clients: readonly Redis[]): Promise<void> {
  await Promise.all(
    clients.slice(0, MASTERS).map(async (client, at) => {
      const [from, to] = [at, at + 1].map(share => Math.ceil((share * SLOTS) / MASTERS)) as [
        number,
        number
      ]
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1)
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to - 1)
    })
  )
  const [first, ...others] = servers
  const bus = async (client: Redis): Promise<string> =>
    ((await client.config('GET', 'cluster-port')) as readonly string[])[1]!
  const busPort = await bus(clients[0]!)
  for (const [at] of others.entries()) {
    await clients[at + 1]!.call('CLUSTER', 'MEET', '127.0.0.1', first!.port, busPort)
  }
}

async function replicate(client: Redis, master: string): Promise<void> {
  await eventually(async () =>
    client.call('CLUSTER', 'REPLICATE', master).then(
      () => true,
      () => false
    )
  )
  await eventually(async () => (await client.info('replication')).includes('link_status:up'))
}

async function agrees(client: Redis, count: number): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  const slots = (await client.cluster('SLOTS')) as readonly (readonly unknown[])[]
  return (
    info.includes('cluster_state:ok') &&
    info.includes(`cluster_known_nodes:${count}`) &&
    slots.length === MASTERS &&
    slots.every(range => range.length === 2 + count / MASTERS)
  )
}
