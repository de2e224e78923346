import { Redis } from 'ioredis'

/** A client with nothing switched on that costs: no time limits, no queue, no pipelining. */
export async function bareClient(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    replyMapping: 'legacy',
    enableAutoPipelining: false
  })
  await redis.connect()
  return redis
}

/** Throws unless so many conversations were read back and all have this version. */
export function checkVersions(versions: readonly unknown[], turns: number): void {
  const wrong = versions.find(version => version !== turns)
  if (versions.length > 0 && wrong === undefined) return
  throw new Error(`A conversation of ${turns} turns ended at version ${String(wrong)}.`)
}
