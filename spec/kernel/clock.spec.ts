import assert from 'node:assert/strict'
import { pause, systemClock } from '../../lib/kernel/clock.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

describe('systemClock', () => {
  it('reads the wall clock and a monotonic one', () => {
    assert.ok(Math.abs(systemClock.nowMs() - Date.now()) < 1_000)
    assert.ok(systemClock.monotonicMs() <= systemClock.monotonicMs())
  })

  it('runs after other work, and not at all once it is cancelled', async () => {
    const order: string[] = []
    const cancel = systemClock.after(0, () => order.push('cancelled'))
    cancel()
    cancel()
    const ran = new Promise<void>(resolve => {
      systemClock.after(-5, () => {
        order.push('later')
        resolve()
      })
    })
    order.push('now')
    await ran

    assert.deepEqual(order, ['now', 'later'])
  })

  it('does not take a far time for none', async () => {
    let fired = false
    const cancel = systemClock.after(1e12, () => {
      fired = true
    })
    await new Promise<void>(resolve => {
      systemClock.after(5, resolve)
    })
    cancel()

    assert.equal(fired, false)
  })
})

describe('pause', () => {
  it('ends after its time on the clock that was given', async () => {
    const clock = simulatedClock({ startMs: 0 })
    let over = false
    const paused = pause(clock, 1_000).then(() => {
      over = true
    })

    clock.advanceTo(999)
    await Promise.resolve()
    assert.equal(over, false)
    clock.advanceTo(1_000)
    await paused

    assert.equal(over, true)
  })
})
