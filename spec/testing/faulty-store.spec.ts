import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { faultyStore } from '../../lib/testing/faulty-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { turns } from '../support/a-world.ts'

function bench() {
  const clock = simulatedClock({ startMs: 9 })
  let reached = 0
  const model = memoryStore({ clock })
  const time = model.time.bind(model)
  model.time = () => {
    reached += 1
    return time()
  }
  const store = faultyStore(model, { clock })
  return { clock, store, reached: () => reached }
}

describe('a faulty store', () => {
  it('without a fault is the store it wraps', async () => {
    const { store } = bench()

    assert.equal(store.name, 'memory')
    assert.equal(await store.time(), 9)
    assert.equal((await store.load('x')).fence, null)
    assert.deepEqual(store.calls, [
      { call: 'time', id: null },
      { call: 'load', id: 'x' }
    ])
  })

  it('fails the asked call before or after it happened, with the asked code', async () => {
    const { store, reached } = bench()
    store.plan('time', { fail: 'before', code: 'CHP_STORE_REFUSED' }, { nth: 2 })
    store.plan('time', { fail: 'after' }, { nth: 3, times: 2 })

    const outcomes = []
    for (let n = 0; n < 6; n += 1) {
      outcomes.push(await store.time().catch((error: unknown) => failureOf(error)?.code))
    }

    const away = 'CHP_STORE_UNAVAILABLE'
    assert.deepEqual(outcomes, [9, 'CHP_STORE_REFUSED', away, away, 9, 9])
    assert.equal(reached(), 5)
  })

  it('delays and holds calls, and lets go of them', async () => {
    const { store, clock, reached } = bench()
    store.plan('time', { delayMs: 100 })
    const delayed = store.time()
    const held = store.hold('load')
    const load = store.load('x')
    await held.arrived
    await turns(2)
    assert.equal(reached(), 0)

    clock.advanceTo(200)
    held.release()

    assert.equal(await delayed, 200)
    assert.equal((await load).fence, null)
  })

  it('forgets its plans when it is healed', async () => {
    const { store } = bench()
    store.plan('time', { fail: 'before' }, { times: 100 })
    await assert.rejects(store.time())

    store.heal()

    assert.equal(await store.time(), 9)
  })
})
