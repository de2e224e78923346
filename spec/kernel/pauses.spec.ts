import assert from 'node:assert/strict'
import { Pauses } from '../../lib/kernel/pauses.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { turns } from '../support/a-world.ts'

/** Pauses of these lengths, and which of them are over, in the order of their ends. */
function pausing(...lengthsMs: readonly number[]) {
  const clock = simulatedClock({ startMs: 0 })
  const pauses = new Pauses(clock)
  const over: number[] = []
  for (const ms of lengthsMs) void pauses.pause(ms).then(() => over.push(ms))
  return { clock, pauses, over }
}

describe('pauses', () => {
  it('end in their time, each for itself', async () => {
    const { clock, over } = pausing(30, 10, 20)

    clock.advanceTo(20)
    await turns(1)

    assert.deepEqual(over, [10, 20])
    assert.equal(clock.waiting, 1)
  })

  it('are cut short, the longest under way first, and leave no timer', async () => {
    const { clock, pauses, over } = pausing(30, 10, 20)

    pauses.end(2)
    await turns(1)
    assert.deepEqual([over, clock.waiting], [[30, 10], 1])

    pauses.end()
    pauses.end()
    await turns(1)
    assert.deepEqual([over, clock.waiting], [[30, 10, 20], 0])
  })
})
