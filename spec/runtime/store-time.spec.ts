import assert from 'node:assert/strict'
import { StoreTime } from '../../lib/runtime/store-time.ts'

describe('store time', () => {
  it('goes on by the monotonic clock, however the wall clock steps', () => {
    let wallMs = 1_000_000
    let monotonicMs = 50
    const clock = { nowMs: () => wallMs, monotonicMs: () => monotonicMs, after: () => () => {} }
    const time = new StoreTime(clock)
    time.learn(7_000)

    monotonicMs += 250.7
    wallMs += 86_400_000

    assert.equal(time.nowMs(), 7_250)
  })

  it('takes what the store says last', () => {
    const clock = { nowMs: () => 5, monotonicMs: () => 0, after: () => () => {} }
    const time = new StoreTime(clock)
    assert.equal(time.nowMs(), 5)

    time.learn(9_000)
    time.learn(4_000)

    assert.equal(time.nowMs(), 4_000)
  })
})
