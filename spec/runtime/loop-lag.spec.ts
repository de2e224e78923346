import assert from 'node:assert/strict'
import type { Clock } from '../../lib/kernel/clock.ts'
import { LoopLag } from '../../lib/runtime/loop-lag.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aWorld } from '../support/a-world.ts'

const quiet = (): void => undefined
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

/** A clock on which every timer runs so much later than it was asked to. */
function lateClock(clock: Clock, late: { ms: number }): Clock {
  return { ...clock, after: (delayMs, run) => clock.after(delayMs + late.ms, run) }
}

describe('the lag of the event loop', () => {
  it('counts when it lasts, not when the process was only suspended', () => {
    const clock = simulatedClock({ startMs: 0 })
    const late = { ms: 0 }
    const parts = { clock: lateClock(clock, late), log, limits: { loopLagMs: 1_000 } }
    const lag = new LoopLag(parts)
    lag.start()
    const beats = (count: number): boolean => {
      for (let beat = 0; beat < count; beat += 1) clock.advanceTo(clock.nextDueMs() ?? 0)
      return lag.isLate
    }
    late.ms = 30_000
    assert.equal(beats(2), false)
    late.ms = 0
    assert.equal(beats(3), false)
    late.ms = 1_100
    assert.equal(beats(4), true)
    late.ms = 0
    assert.equal(beats(2), false)
    lag.stop()
    assert.equal(clock.waiting, 0)
  })

  it('turns messages away unacknowledged, and says that it is not ready', async () => {
    const world = aWorld()
    const late = { ms: 1_100 }
    const process = await world.start({ clock: lateClock(world.clock, late) })
    await world.pass(9_000)
    assert.equal(process.runtime.ready, false)
    const shed = await process.say('m1')
    assert.deepEqual(shed, { tag: 'shed', reason: 'event loop late', retryAfterMs: 1_000 })
    assert.equal(Runtime.runningOf(process.runtime)?.conversations.isTalking, true)
    assert.ok(process.log.some(line => line.includes('"loop.late"')))

    late.ms = 0
    await world.pass(3_000)

    assert.equal(process.runtime.ready, true)
    assert.equal((await process.say('m1')).tag, 'committed')
  })
})
