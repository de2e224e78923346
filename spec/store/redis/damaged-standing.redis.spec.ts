import assert from 'node:assert/strict'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { aCommit, aDeferral, begun } from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'
import { type RedisWithStore, redisWithStore } from '../../support/redis-with-store.ts'

describe('a damaged standing in Redis', () => {
  let admin: RedisWithStore['admin']
  let store: RedisWithStore['store']
  const opened = redisWithStore()
  before(() => {
    ;({ admin, store } = opened())
  })

  it('is the trouble of its conversation, and no outage of the store', async () => {
    const { id, fence } = await begun(store)
    const other = await begun(store)
    const { state } = redisKeys('main').conversation(id)
    const whole = (await admin.hget(state, 'm'))!
    const damaged = [
      '',
      'garbage',
      whole.slice(0, 20),
      whole.slice(0, -3),
      whole.replace(':1:', ':x:')
    ]
    for (const standing of damaged) {
      await admin.hset(state, 'm', standing)
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.load(id),
        () => store.commit(id, aCommit(fence)),
        () => store.commit(id, aCommit(null)),
        () => store.defer(id, aDeferral(fence.epoch)),
        () => store.erase(id, fence.epoch, 'another'),
        () => store.acknowledged(id, fence.epoch, { sequence: 1, row: 'r' }),
        () => store.setAlias(other.id, other.fence.epoch, id),
        () => store.setAlias(id, fence.epoch, other.id),
        () => store.export(id),
        () => store.recoverable(id)
      ]
      for (const [at, call] of calls.entries()) {
        assert.equal(await codeOf(call()), 'CHP_RECORD_CORRUPT', `call ${at} on "${standing}"`)
      }
      assert.equal(await admin.hget(state, 'm'), standing)
    }
    await admin.hset(state, 'm', whole, 'a', 'no number')
    assert.equal((await store.load(id)).acknowledgedThrough, 0)
  })
})
