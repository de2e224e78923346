import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../lib/kernel/random.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { redisStore } from '../../lib/redis.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { MortalFleet } from '../support/mortal-fleet.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const INNOCENT = Array.from({ length: 20 }, (_, at) => `member-${at}`)
const MESSAGES = 10
const WAYS = ['exit', 'heap', 'block'] as const

for (const kind of ['redis', 'lmdb'] as const) {
  describe(`messages that end their processes, two processes on one ${kind} store`, function () {
    this.timeout(240_000)
    let directory = ''
    let redis: RedisServer | null = null
    let fleet: MortalFleet
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'chaperone-fatal-'))
      redis = kind === 'redis' ? await startRedis() : null
      const place = redis === null ? { DATA_DIR: directory } : { REDIS_URL: redis.url }
      fleet = new MortalFleet({ ...place, NODE_OPTIONS: '--max-old-space-size=96' })
      await fleet.start()
    })
    afterEach(async () => {
      await fleet.stop()
      await redis?.stop()
      rmSync(directory, { recursive: true, force: true })
    })
    const opened = async (): Promise<ConversationStore> => {
      const store = redis === null ? lmdbStore({ path: directory }) : redisStore({ url: redis.url })
      await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
      return store
    }

    for (const way of WAYS) {
      it(`are parked unrun after 4 of them, by ${way}; all others are answered`, async () => {
        const answered = INNOCENT.map(async user => {
          const tags: string[] = []
          for (let n = 0; n < MESSAGES; n += 1)
            tags.push((await fleet.taken(user, `${user}.${n}`)).tag)
          return tags
        })
        const fatal = await fleet.taken('fatal', `f-${way}`, way)

        assert.equal(fatal.tag, 'parked')
        assert.ok(fleet.deaths >= 2 && fleet.deaths <= 4, `${fleet.deaths} processes ended`)
        const others = (await Promise.all(answered)).flat()
        assert.equal(others.length, INNOCENT.length * MESSAGES)
        for (const tag of others) assert.ok(['committed', 'duplicate'].includes(tag), tag)
        assert.equal((await fleet.taken('fatal', 'after')).tag, 'committed')
        const store = await opened()
        const { ids } = await store.parkedList(null, 50)
        const rows = await store.parked(fatal.conversation)
        await store.close()
        assert.deepEqual(ids, [fatal.conversation])
        assert.deepEqual(
          rows.map(row => (JSON.parse(row) as { code: string }).code),
          ['CHP_TURN_FATAL']
        )
      })
    }
  })
}
