import assert from 'node:assert/strict'
import { ownClock } from '../../lib/runtime/own-clock.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

describe('the runtime’s own clock', () => {
  it('tells the time of the clock it was given and runs what is due', () => {
    const clock = simulatedClock({ startMs: 70 })
    const own = ownClock(clock)
    let ran = 0
    own.after(10, () => {
      ran += 1
    })
    const cancel = own.after(10, () => {
      ran += 100
    })
    cancel()
    cancel()

    clock.advanceTo(85)

    assert.equal(ran, 1)
    assert.equal(own.nowMs(), 85)
    assert.equal(own.monotonicMs(), 15)
  })

  it('calls off all that waits when it stops, and runs nothing that is set later', () => {
    const clock = simulatedClock({ startMs: 0 })
    const own = ownClock(clock)
    let ran = 0
    for (const delay of [1, 2, 3]) own.after(delay, () => (ran += 1))

    own.stop()
    own.after(1, () => (ran += 1))()
    own.after(1, () => (ran += 1))
    clock.advanceTo(10)

    assert.equal(ran, 0)
    assert.equal(clock.waiting, 0)
  })
})
