import type { Redis } from 'ioredis'
import { eventually } from './eventually.ts'

/**
 * Waits until no fsync of the append-only file is under way: while one is, Redis at `everysec`
 * answers commands before it writes them, for up to 2 s, and a `kill -9` loses those.
 */
export async function fsynced(redis: Redis): Promise<void> {
  const isDone = async (): Promise<boolean> =>
    (await redis.info('persistence')).includes('aof_pending_bio_fsync:0')
  await eventually(isDone, { everyMs: 1 })
}
