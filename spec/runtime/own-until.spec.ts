import assert from 'node:assert/strict'
import { ownUntil } from '../../lib/runtime/ours.ts'
import { LIMITS } from '../../lib/runtime/parts.ts'
import { StoreTime } from '../../lib/runtime/store-time.ts'

describe('the lease that a commit gives its process', () => {
  it('is shorter by as much as the answer that told the time was on its way', () => {
    let monotonicMs = 5_000
    const clock = { nowMs: () => 0, monotonicMs: () => monotonicMs, after: () => () => {} }
    const time = new StoreTime(clock)
    monotonicMs += 3_000
    time.learn(70_000, 5_000)
    const limits = { ...LIMITS, leaseMs: 10_000 }
    const me = { instance: 'p', process: 'p/1', startedAtMs: 0, clock, time }

    const untilMs = ownUntil(
      { ...me, limits },
      {
        by: 'p/1',
        at: 66_000
      }
    )

    assert.equal(untilMs - monotonicMs, 66_000 + 10_000 - 73_000)
  })
})
