import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { ChaperoneError } from '../../../lib/kernel/failure.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { compare } from '../../support/differential.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { storeTime } from '../../support/store-time.ts'

const SEEDS = 12
const STEPS = 250

// Each takes one check out of the scripts; the comparison must notice.
const FLAWS: readonly (readonly [name: string, from: RegExp, to: string])[] = [
  ['own head not looked at first', /if standing == ARGV\[2\] then .* end\n/, ''],
  [
    'acknowledgement without epoch',
    /if epoch ~= ARGV\[1\] then return \{ 'gone' \} end\n\nlocal ack/,
    'local ack'
  ],
  [
    'erase without epoch',
    /if epoch ~= ARGV\[1\] then return \{ 'gone' \} end\n\nfor key/,
    'for key'
  ],
  [
    'due time set whatever stands',
    /lowers = ARGV\[9\] ~= '' and \(.*\)\)/,
    "lowers = ARGV[9] ~= ''"
  ],
  ['settled without fence', /if call\('HGET', KEYS\[1\], 'm'\) ~= ARGV\[1\] then .* end\n/, ''],
  [
    'parent not compared',
    /if standing ~= ARGV\[1\] then\n {2}local epoch, version/,
    "if standing == '' and ARGV[1] ~= '' then\n  local epoch, version"
  ],
  ['duplicate not looked for', /if holds\(bucket, print\) then return \{ 'duplicate' \} end/g, ''],
  ['held for ever', /if ARGV\[18\] == 'free' then .* end\n/, ''],
  ['an alias erased in part', /\n {2}call\('DEL', KEYS\[1\]\)\n {2}return/, '\n  return'],
  ['rewritten without fence', /if standing ~= ARGV\[1\] then return \{ 'conflict' \} end\n/, ''],
  ['expiry left on a new conversation', /if KEYS\[4\] and string.find.*PERSIST.*\n/, '']
]

describe('the Redis store and its model', () => {
  let server: RedisServer
  let redis: Redis

  before(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })

  async function walk(seed: number, edited: (lua: string) => string): Promise<readonly string[]> {
    await redis.flushall()
    let offsetMs = 0
    const nowMs = (): number => Date.now() + offsetMs
    const clock: Clock = { nowMs, monotonicMs: nowMs, after: () => () => undefined }
    const model = memoryStore({ clock })
    const store = redisStore(
      { url: server.url },
      { edited: lua => edited(storeTime.parts.edited(lua)) }
    )
    const advance = async (ms: number): Promise<void> => {
      offsetMs += ms
      await storeTime.advance(redis, ms)
    }
    try {
      await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
      const tally = await compare({ model, store, nowMs, advance }, { seed, steps: STEPS })
      return [...tally.keys()]
    } finally {
      await store.close()
    }
  }

  it('answer and hold the same, whatever is called', async () => {
    const told = new Set<string>()
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      for (const key of await walk(seed, lua => lua)) told.add(key)
    }

    for (const key of ['commit conflict', 'commit duplicate', 'commit gone', 'commit full']) {
      assert.ok(told.has(key), key)
    }
  }).timeout(60_000)

  for (const [name, from, to] of FLAWS) {
    it(`are told apart by a planted flaw: ${name}`, async () => {
      let changed = 0
      const edited = (lua: string): string =>
        lua.replace(from, () => {
          changed += 1
          return to
        })

      const walks = async (): Promise<void> => {
        for (let seed = 1; seed <= SEEDS; seed += 1) await walk(seed, edited)
      }

      await assert.rejects(
        walks,
        error => error instanceof assert.AssertionError || error instanceof ChaperoneError
      )
      assert.ok(changed > 0, 'the flaw was not planted')
    }).timeout(60_000)
  }
})
