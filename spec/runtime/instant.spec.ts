import assert from 'node:assert/strict'
import { instantOf } from '../../lib/runtime/instant.ts'
import { StoreTime } from '../../lib/runtime/store-time.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

const time = new StoreTime(simulatedClock({ startMs: 77 }))
const naming = { epoch: 'e', version: 4, head: 'one/abc.1f' }
const event = (id: string) => ({ kind: 'TimerDue', id, timer: 't', dueMs: 1 }) as const

describe('the instant of a decision', () => {
  it('has the time of the store and the names of its commit', () => {
    const at = instantOf({ time }, event('a'), naming, 0)

    assert.equal(at.nowMs, 77)
    assert.deepEqual(at.commit, { epoch: 'e', version: 4, nonce: 'abc-1f' })
  })

  it('has a nonce of its own for every decision of one commit, without dots', () => {
    const nonces = [0, 1, 2].map(n => instantOf({ time }, event('a'), naming, n).commit.nonce)

    assert.equal(new Set(nonces).size, 3)
    for (const nonce of nonces) assert.equal(nonce.includes('.'), false)
  })

  it('draws its seed from the event: the same for the same, another for another', () => {
    const seeds = ['a', 'b', 'ab', 'ba', ''].map(
      id => instantOf({ time }, event(id), naming, 0).seed
    )

    assert.equal(new Set(seeds).size, 5)
    for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)
    assert.equal(instantOf({ time }, event('a'), naming, 3).seed, seeds[0])
  })
})
