import assert from 'node:assert/strict'
import { LimitedRuns } from '../../lib/kernel/limited-runs.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

const never = () => new Promise<string>(() => undefined)

describe('runs within a limit', () => {
  it('settle as they do themselves, by a throw too, and leave no timer', async () => {
    const clock = simulatedClock({ startMs: 0 })
    const runs = new LimitedRuns(clock)

    assert.equal(await runs.run(1_000, async () => 'done', 'late'), 'done')
    await assert.rejects(
      runs.run(1_000, () => Promise.reject(new Error('planned')), 'late'),
      /planned/
    )
    await assert.rejects(
      runs.run(
        1_000,
        () => {
          throw new Error('thrown')
        },
        'late'
      ),
      /thrown/
    )

    assert.equal(clock.waiting, 0)
    assert.equal(runs.open, 0)
  })

  it('are over at their limit and let go, whatever becomes of what never settles', async () => {
    const clock = simulatedClock({ startMs: 0 })
    const runs = new LimitedRuns(clock)
    const signals: AbortSignal[] = []
    const ended = [10, 1_000].map(ms =>
      runs.run(
        ms,
        signal => {
          signals.push(signal)
          return never()
        },
        'late'
      )
    )

    clock.advanceTo(10)

    assert.equal(await ended[0], 'late')
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false]
    )
    assert.equal(runs.open, 1)
    clock.advanceTo(1_000)
    assert.equal(await ended[1], 'late')
    assert.equal(runs.open, 0)
  })

  it('end at once, all of them, and those of later run on', async () => {
    const clock = simulatedClock({ startMs: 0 })
    const runs = new LimitedRuns(clock)
    const ended = [1, 2, 3].map(() => runs.run(1_000, never, 'late'))

    runs.end()

    assert.deepEqual(await Promise.all(ended), ['late', 'late', 'late'])
    assert.equal(runs.open, 0)
    assert.equal(clock.waiting, 0)
    assert.equal(await runs.run(1_000, async () => 'done', 'late'), 'done')
  })
})
