import assert from 'node:assert/strict'
import { ChaperoneError, type FailureCode, failure } from '../../lib/kernel/failure.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { patiently } from '../../lib/runtime/store-patience.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { until } from '../support/a-world.ts'

function failing(times: number, code: FailureCode): { call: () => Promise<string>; made: number } {
  const state = {
    made: 0,
    call: () => {
      state.made += 1
      const failed = new ChaperoneError(failure(code, 'planned'))
      return state.made <= times ? Promise.reject(failed) : Promise.resolve('done')
    }
  }
  return state
}

describe('patience with the store', () => {
  const clock = simulatedClock({ startMs: 0 })
  const parts = { clock, random: seededRandom(5) }

  it('repeats a call that was refused or whose outcome is unknown until it is known', async () => {
    for (const code of ['CHP_STORE_UNAVAILABLE', 'CHP_STORE_REFUSED'] as const) {
      const state = failing(4, code)
      const deadlineMs = clock.monotonicMs() + 5_000

      assert.equal(await until(clock, patiently(parts, deadlineMs, state.call)), 'done')
      assert.equal(state.made, 5)
    }
  })

  it('ends at the deadline with the last failure', async () => {
    const state = failing(1_000, 'CHP_STORE_UNAVAILABLE')
    const fromMs = clock.monotonicMs()

    await assert.rejects(until(clock, patiently(parts, fromMs + 5_000, state.call)), /planned/)

    assert.ok(clock.monotonicMs() - fromMs < 5_000)
    assert.ok(state.made > 5)
  })

  it('does not repeat what a repeat cannot mend', async () => {
    for (const code of ['CHP_STORE_WRONG_TYPE', 'CHP_RECORD_CORRUPT'] as const) {
      const state = failing(1, code)
      await assert.rejects(patiently(parts, clock.monotonicMs() + 5_000, state.call), /planned/)
      assert.equal(state.made, 1)
    }
    const broken = (): Promise<never> => Promise.reject(new TypeError('a bug'))
    await assert.rejects(patiently(parts, clock.monotonicMs() + 5_000, broken), /a bug/)
  })
})
