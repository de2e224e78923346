import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from './redis-server.ts'

/** Starts a replica, through a proxy if need be, and waits until its master counts on it. */
export async function startReplica(
  master: RedisServer,
  settings: Readonly<Record<string, string>> = {},
  throughPort = master.port
): Promise<RedisServer> {
  const replica = await startRedis({
    replicaof: `127.0.0.1 ${throughPort}`,
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
    ...settings
  })
  const redis = new Redis(master.url)
  try {
    const isOnline = async (): Promise<boolean> =>
      (await redis.info('replication')).includes(`port=${replica.port},state=online`)
    while (!(await isOnline())) await new Promise(resolve => setTimeout(resolve, 20))
  } finally {
    redis.disconnect()
  }
  return replica
}
