import assert from 'node:assert/strict'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { redisKeys } from '../../lib/store/redis/keys.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aCommit, anId, begun, done } from '../../lib/testing/store-contract/store-check.ts'
import { Reconciler } from '../../lib/timers/reconciler.ts'
import { chainProgram } from '../support/chain-program.ts'
import { eventually } from '../support/eventually.ts'
import { type RedisWithStore, redisWithStore } from '../support/redis-with-store.ts'

describe('the index of a Redis store that was damaged', () => {
  let server: RedisWithStore['server']
  let admin: RedisWithStore['admin']
  let store: RedisWithStore['store']
  const opened = redisWithStore()
  before(() => {
    ;({ server, admin, store } = opened())
  })

  /** Walks over all of the store and gives what was said to be mended, by conversation. */
  async function walked() {
    const clock = simulatedClock({ startMs: Date.now() })
    const said = new Map<string, string>()
    const warn = (fields: object): void => {
      const { conversation, what } = fields as { conversation: string; what: string }
      said.set(conversation, what)
    }
    const quiet = (): void => undefined
    const nowMs = await store.time()
    const reconciler = new Reconciler({
      store,
      clock,
      log: { debug: quiet, info: quiet, warn, error: quiet },
      time: { nowMs: () => nowMs },
      limits: { reconcilePage: 3, reconcileEveryMs: 5e8, leaseMs: 10_000 },
      isBusy: () => false
    })
    reconciler.start()
    await eventually(async () => {
      const next = clock.nextDueMs()
      if (next !== null && next - clock.nowMs() < 4e8) clock.advanceTo(next)
      return next !== null && next - clock.nowMs() > 4e8
    })
    reconciler.stop()
    assert.equal(reconciler.mended, said.size)
    return said
  }

  it('is mended, each kind of damage by name, and what is whole is left as it is', async () => {
    const dueMs = (await store.time()) + 3_600_000
    const made = await Promise.all(Array.from({ length: 12 }, () => begun(store, { dueMs })))
    const ids = made.map(({ id }) => id)
    const [lost, early, late, stray, whole] = ids
    assert.ok(lost && early && late && stray && whole)
    const dueKey = (id: string): string => redisKeys('main').conversation(id).partition.due
    const indexKey = (id: string): string => redisKeys('main').conversation(id).partition.index
    const ghost = anId()
    const idle = await begun(store)
    await done(store, idle.id, aCommit(idle.fence))
    await admin.zrem(dueKey(lost), lost)
    await admin.zadd(dueKey(early), dueMs - 90_000, early)
    await admin.zadd(dueKey(late), dueMs + 90_000_000, late)
    await admin.zadd(dueKey(idle.id), dueMs, idle.id)
    await admin.zadd(dueKey(ghost), dueMs, ghost)
    await admin.zadd(indexKey(ghost), 30_000_000, ghost)
    await admin.hset(redisKeys('main').conversation(stray).state, 'm', 'garbage')

    const said = await walked()

    assert.deepEqual(
      Object.fromEntries(said),
      Object.fromEntries([
        [lost, 'record without its entry'],
        [early, 'another due time'],
        [late, 'another due time'],
        [idle.id, 'another due time'],
        [ghost, 'entry without a record']
      ])
    )
    for (const id of [lost, early, late, whole]) {
      assert.equal(Number(await admin.zscore(dueKey(id), id)), dueMs)
    }
    assert.equal(await admin.zscore(dueKey(idle.id), idle.id), null)
    assert.equal(await admin.zscore(indexKey(ghost), ghost), null)
    assert.equal((await walked()).size, 0)
  })

  it('loses an entry of nothing when that falls due', async () => {
    const own = redisStore({ url: server.url, namespace: 'other' })
    const runtime = createRuntime({ bot: chainProgram(), store: own })
    await runtime.start()
    const ghost = anId()
    const { due } = redisKeys('other').conversation(ghost).partition
    await admin.zadd(due, 1, ghost)

    await eventually(async () => (await admin.zscore(due, ghost)) === null)

    await runtime.stop({ graceMs: 1_000 })
  })

  it('is not mended where a claim has moved an entry within its lease', async () => {
    const { id } = await begun(store, { dueMs: (await store.time()) - 5 })
    assert.ok((await store.claimDue(100, 10_000)).includes(id))
    assert.equal((await walked()).has(id), false)
  })
})
