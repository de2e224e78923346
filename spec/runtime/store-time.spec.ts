import assert from 'node:assert/strict'
import { StoreTime } from '../../lib/runtime/store-time.ts'

describe('store time', () => {
  it('goes on by the monotonic clock, however the wall clock steps', () => {
    let wallMs = 1_000_000
    let monotonicMs = 50
    const clock = { nowMs: () => wallMs, monotonicMs: () => monotonicMs, after: () => () => {} }
    const time = new StoreTime(clock)
    time.learn(7_000, 50)

    monotonicMs += 250.7
    wallMs += 86_400_000

    assert.equal(time.nowMs(), 7_250)
  })

  it('is later by as much as the answer may have been on its way', () => {
    let monotonicMs = 100
    const clock = { nowMs: () => 5, monotonicMs: () => monotonicMs, after: () => () => {} }
    const time = new StoreTime(clock)
    assert.equal(time.latestMs(), 5)

    const askedMs = monotonicMs
    monotonicMs += 2_000
    time.learn(9_000, askedMs)
    monotonicMs += 10

    assert.deepEqual([time.nowMs(), time.latestMs()], [9_010, 11_010])
    time.learn(9_500, monotonicMs - 3)
    assert.deepEqual([time.nowMs(), time.latestMs()], [9_500, 9_503])
  })

  it('takes what the store says last', () => {
    const clock = { nowMs: () => 5, monotonicMs: () => 0, after: () => () => {} }
    const time = new StoreTime(clock)
    assert.equal(time.nowMs(), 5)

    time.learn(9_000, 0)
    time.learn(4_000, 0)

    assert.equal(time.nowMs(), 4_000)
  })
})
