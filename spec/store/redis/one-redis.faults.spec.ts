import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { eventually } from '../../support/eventually.ts'
import { fsynced } from '../../support/fsynced.ts'
import { figuresLine, type LoadFigures, RedisLoad } from '../../support/redis-load.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

const CALL_MS = 3000
const TROUBLE_MS = 2000

for (const durability of ['everysec', 'always'] as const)
  describe(`one Redis at ${durability}, under load`, () => {
    let server: RedisServer
    let redis: Redis
    let stores: readonly ConversationStore[]
    let load: RedisLoad

    beforeEach(async () => {
      const settings = { appendonly: 'yes', appendfsync: durability, 'busy-reply-threshold': '50' }
      server = await startRedis(settings, { outlivesFullDisk: true })
      redis = new Redis(server.url)
      redis.on('error', () => undefined)
      stores = [1, 2].map(() => redisStore({ url: server.url, durability }))
      for (const store of stores) {
        await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
      }
      load = new RedisLoad(stores)
      await load.more(500)
    })
    afterEach(async () => {
      redis.disconnect()
      for (const store of stores) await store.close()
      await server.stop()
    })

    const ended = async (fault: string, gapMs: number): Promise<LoadFigures> => {
      await load.goneOn()
      await load.more(500)
      const figures = await load.figures(stores[0]!)
      process.stdout.write(`      ${figuresLine(`${durability}, ${fault}`, figures)}\n`)
      assert.deepEqual([figures.lost, figures.doubled, figures.rollbacks], [0, 0, 0])
      assert.ok(figures.longestCallMs < CALL_MS, `a call took ${figures.longestCallMs} ms`)
      assert.ok(figures.longestGapMs < gapMs, `${figures.longestGapMs} ms without a commit`)
      return figures
    }

    it('loses nothing when it is killed and started again, three times', async () => {
      for (let kills = 0; kills < 3; kills += 1) {
        await fsynced(redis)
        await server.kill('SIGKILL')
        await server.start()
        await load.goneOn()
        await load.more(500)
      }

      await ended('kill -9 three times', 6000)
    })

    it('loses nothing when it stands still', async () => {
      process.kill(server.pid, 'SIGSTOP')
      await pause(TROUBLE_MS)
      process.kill(server.pid, 'SIGCONT')

      const { unknown } = await ended('SIGSTOP for 2 s', TROUBLE_MS + 3000)
      assert.ok(unknown > 0)
    })

    it('loses nothing while a long script of somebody else runs', async () => {
      const other = new Redis(server.url)
      const spinning = other.eval('while true do end', 0).catch(() => undefined)
      await pause(TROUBLE_MS)
      await redis.script('KILL')
      await spinning
      other.disconnect()

      const { refused } = await ended('BUSY for 2 s', TROUBLE_MS + 3000)
      assert.ok(refused > 0)
    })

    it('loses nothing while its memory is full', async () => {
      await redis.config('SET', 'maxmemory', '1')
      await pause(TROUBLE_MS)
      await redis.config('SET', 'maxmemory', '0')

      const { refused } = await ended('OOM for 2 s', TROUBLE_MS + 3000)
      assert.ok(refused > 0)
    })

    it('loses nothing when its disk is full, and goes on when there is room', async () => {
      limitFiles(server.pid, newestFileBytes(server.directory) + 20_000)
      const isFull = durability === 'always' ? hasExited : hasWriteError
      await eventually(async () => isFull())
      await pause(TROUBLE_MS)
      if (durability === 'always') await server.start()
      else limitFiles(server.pid, 'unlimited')

      await ended('disk full for 2 s', TROUBLE_MS + 6000)
    })

    // It may not go on when it cannot flush: it ends itself.
    const hasExited = async (): Promise<boolean> => !existsSync(`/proc/${server.pid}/fd/0`)
    const hasWriteError = async (): Promise<boolean> =>
      (await redis.info('persistence')).includes('aof_last_write_status:err')
  })

/** Lets no file of a process grow beyond this, as a full disk would. */
function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', [`--fsize=${bytes}:`, '--pid', String(pid)])
}

function newestFileBytes(directory: string): number {
  const folder = join(directory, 'appendonlydir')
  return Math.max(...readdirSync(folder).map(name => statSync(join(folder, name)).size))
}

async function pause(ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}
