import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { ChaperoneError } from '../../../lib/kernel/failure.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { redisWalk } from '../../support/redis-walk.ts'

// In the order in which most flaws are met soonest.
const SEEDS = [9, 16, 6, 5, 3, 2, 4, 12, 14, 1, 7, 8]
const STEPS = 250

// Each takes one check out of the scripts; the comparison must notice.
const FLAWS: readonly (readonly [name: string, from: RegExp, to: string])[] = [
  ['own head not looked at first', /if standing == ARGV\[2\] then .* end\n/, ''],
  [
    'acknowledgement without epoch',
    /if epoch ~= ARGV\[1\] then return \{ 'gone' \} end\n\nlocal ack/,
    'local ack'
  ],
  ['replies held whoever has them', /isOver = not ends/, 'isOver = true or not ends'],
  ['a longer hold left to another', / and tonumber\(ends\) <= latest/, ''],
  [
    'replies held in whatever epoch',
    /if epoch ~= ARGV\[1\] or version == '0' then return .* end\n/,
    "if not epoch then return { 'gone' } end\n"
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
  [
    'settled without fence',
    /if standing ~= ARGV\[1\] then return \{ 'conflict' \} end\n-- A rollback/,
    '-- A rollback'
  ],
  [
    'settled though a reply is owed again',
    /if math.max\(kept\[2\] or 0, base - 1\) < tonumber\(ARGV\[4\]\) .*\n/,
    ''
  ],
  [
    'parent not compared',
    /if standing ~= ARGV\[1\] or kept\[1\] == '' then\n/,
    "if (standing == '' and ARGV[1] ~= '') or kept[1] == '' then\n"
  ],
  ['duplicate not looked for', /if holds\(bucket, print\) then return \{ 'duplicate' \} end/g, ''],
  ['held for ever', /if ARGV\[18\] == 'free' then .* end\n/, ''],
  ['an alias erased in part', /\n {2}call\('DEL', KEYS\[1\]\)\n {2}return/, '\n  return'],
  ['a tombstone lost beneath an alias', /if standing and not leads then\n/, 'if false then\n'],
  [
    'rewritten without fence',
    /if standing ~= ARGV\[1\] then return \{ 'conflict' \} end\n\nlocal newest/,
    'local newest'
  ],
  [
    'index keys not asked for',
    /if \(lowers or ARGV\[10\] ~= ''\) and not KEYS\[4\] then return .* end\n/,
    'lowers = lowers and KEYS[4]\n'
  ],
  ['ids forgotten by age alone', /or \(version - \(e \* 256 \+ f\)\) % 65536 <= \d+/, ''],
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

  const walk = async (seed: number, edited: (lua: string) => string): Promise<Iterable<string>> =>
    (await redisWalk(server, redis, { seed, steps: STEPS, edited })).keys()

  it('answer and hold the same, whatever is called', async () => {
    const told = new Set<string>()
    for (const seed of SEEDS.slice(0, 6)) {
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
        for (const seed of SEEDS) await walk(seed, edited)
      }

      await assert.rejects(
        walks,
        error => error instanceof assert.AssertionError || error instanceof ChaperoneError
      )
      assert.ok(changed > 0, 'the flaw was not planted')
    }).timeout(60_000)
  }
})
