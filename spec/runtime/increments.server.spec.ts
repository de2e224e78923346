import assert from 'node:assert/strict'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { ADDRESS } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const PROCESSES = 4
const TIMES = 250
const AT_ONCE = 8

/** What one process says at its end. */
interface Done {
  readonly taken: readonly string[]
  readonly conflicts: number
  readonly mostConflicts: number
  readonly shed: number
  readonly duplicates: number
  readonly tookMs: number
}

describe('four processes that count on one conversation of one Redis', () => {
  let redis: RedisServer
  let programs: ChildProgram[] = []
  before(async () => {
    redis = await startRedis()
    const path = sourceOf('spec/support/incrementing-process.ts')
    programs = Array.from({ length: PROCESSES }, (_, index) =>
      startProgram(path, {
        REDIS_URL: redis.url,
        INSTANCE: `p${index}`,
        TIMES: String(TIMES),
        AT_ONCE: String(AT_ONCE)
      })
    )
    await Promise.all(programs.map(program => program.event('ready')))
  })
  after(async () => {
    await Promise.all(programs.map(program => program.end('SIGKILL')))
    await redis?.stop()
  })

  it('end at exactly the number of messages, however often each lost (B1, B4)', async () => {
    for (const { pid } of programs) process.kill(pid, 'SIGUSR2')
    const done = (await Promise.all(
      programs.map(program => program.event('done'))
    )) as unknown as Done[]

    const store = redisStore({ url: redis.url })
    const reader = createRuntime({ bot: chainProgram(), store })
    await reader.start()
    const inspected = await reader.conversation(ADDRESS).inspect()
    await reader.stop()
    const sum = (of: (one: Done) => number): number => done.reduce((all, one) => all + of(one), 0)
    const figures = {
      conflicts: sum(({ conflicts }) => conflicts),
      most: Math.max(...done.map(({ mostConflicts }) => mostConflicts)),
      shed: sum(({ shed }) => shed),
      duplicates: sum(({ duplicates }) => duplicates),
      tookMs: Math.max(...done.map(({ tookMs }) => tookMs))
    }
    const shown = JSON.stringify(figures)
    assert.equal(inspected?.version, PROCESSES * TIMES, shown)
    assert.equal(inspected?.data['count'], PROCESSES * TIMES, shown)
    const taken = done.flatMap(one => one.taken)
    assert.equal(new Set(taken).size, PROCESSES * TIMES)
    assert.equal(taken.length, PROCESSES * TIMES)
    assert.ok(figures.conflicts > 0, shown)
  })
})
