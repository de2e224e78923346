import assert from 'node:assert/strict'
import fc from 'fast-check'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

describe('the simulated clock', () => {
  it('stands still until it is moved', () => {
    const clock = simulatedClock({ startMs: 5_000 })
    clock.after(0, () => assert.fail('ran by itself'))
    assert.deepEqual([clock.nowMs(), clock.monotonicMs(), clock.nextDueMs()], [5_000, 0, 5_000])
  })

  it('makes runs in order of their time, among equals in the order of setting', () => {
    const delays = fc.array(fc.integer({ min: -5, max: 20 }), { maxLength: 30 })
    fc.assert(
      fc.property(delays, fc.integer({ min: 0, max: 20 }), (set, untilMs) => {
        const clock = simulatedClock({ startMs: 0 })
        const seen: { index: number; atMs: number }[] = []
        set.forEach((delayMs, index) => {
          clock.after(delayMs, () => seen.push({ index, atMs: clock.nowMs() }))
        })
        clock.advanceTo(untilMs)
        const expected = set
          .map((delayMs, index) => ({ index, atMs: Math.max(0, delayMs) }))
          .filter(({ atMs }) => atMs <= untilMs)
          .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
        assert.deepEqual(seen, expected)
        assert.equal(clock.waiting, set.length - expected.length)
        assert.equal(clock.nowMs(), untilMs)
      })
    )
  })

  it('makes what is set on the way, when it falls due by then', () => {
    const clock = simulatedClock({ startMs: 0 })
    const seen: number[] = []
    const beat = (): void => {
      seen.push(clock.nowMs())
      clock.after(10, beat)
    }
    clock.after(10, beat)
    clock.advanceTo(35)
    assert.deepEqual([seen, clock.nextDueMs()], [[10, 20, 30], 40])
  })

  it('drops a cancelled run, and takes a second cancel for nothing', () => {
    const clock = simulatedClock({ startMs: 0 })
    const seen: string[] = []
    const cancel = clock.after(5, () => seen.push('cancelled'))
    clock.after(5, () => seen.push('kept'))
    cancel()
    cancel()
    clock.advanceTo(5)
    assert.deepEqual(seen, ['kept'])
  })

  it('sleeps without running anything; what was due then is late, not lost', () => {
    const clock = simulatedClock({ startMs: 0 })
    const seen: number[] = []
    clock.after(10, () => seen.push(clock.nowMs()))
    clock.sleepTo(1_000)
    assert.deepEqual([seen, clock.nextDueMs()], [[], 10])
    clock.advanceTo(1_000)
    assert.deepEqual(seen, [1_000])
  })

  it('never goes back', () => {
    const clock = simulatedClock({ startMs: 100 })
    clock.advanceTo(50)
    clock.sleepTo(60)
    assert.equal(clock.nowMs(), 100)
  })
})
