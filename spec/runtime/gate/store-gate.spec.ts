import assert from 'node:assert/strict'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { aGate, fails, ID } from '../../support/a-gate.ts'
import { turns, until } from '../../support/a-world.ts'
import { codeOf } from '../../support/code-of.ts'

describe('the gate to the store', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  before(() => process.on('unhandledRejection', note))
  after(() => process.off('unhandledRejection', note))
  afterEach(async () => {
    await turns(3)
    assert.deepEqual(unhandled, [])
  })

  describe('with patience', () => {
    it('repeats a call that was refused or whose outcome is unknown', async () => {
      for (const code of ['CHP_STORE_UNAVAILABLE', 'CHP_STORE_REFUSED'] as const) {
        const { clock, store, load, made } = aGate()
        store.plan('load', { fail: 'after', code }, { times: 4 })

        await until(clock, load())

        assert.equal(made('load'), 5)
      }
    })

    it('ends at the deadline with the last failure', async () => {
      const gate = aGate()
      fails(gate, 'CHP_STORE_REFUSED')

      assert.equal(await codeOf(until(gate.clock, gate.load())), 'CHP_STORE_REFUSED')

      assert.ok(gate.clock.monotonicMs() <= 5_300, `${gate.clock.monotonicMs()} ms`)
    })

    it('does not repeat what a repeat cannot mend', async () => {
      for (const code of ['CHP_STORE_WRONG_TYPE', 'CHP_RECORD_CORRUPT'] as const) {
        const { store, load, made } = aGate()
        store.plan('load', { fail: 'before', code })

        assert.equal(await codeOf(load()), code)

        assert.equal(made('load'), 1)
      }
    })
  })

  describe('with a store that breaks its word', () => {
    it('gives up a call that is never answered, and does not hear a late answer', async () => {
      const { clock, store, gate } = aGate()
      const held = store.hold('load')

      const call = codeOf(gate.store.load(ID))
      await until(clock, call)

      assert.equal(await call, 'CHP_STORE_UNAVAILABLE')
      assert.ok(clock.monotonicMs() <= 3_250, `${clock.monotonicMs()} ms`)
      held.release()
    })

    it('takes what is no failure of the port for an unknown outcome', async () => {
      const { model, gate } = aGate()
      model.load = () => {
        throw new TypeError('a bug, with the words of a member')
      }

      const failed = await gate.store.load(ID).catch(failureOf)

      assert.ok(failed !== undefined && 'code' in failed)
      assert.equal(failed.code, 'CHP_STORE_UNAVAILABLE')
      assert.equal(failed.detail.includes('words'), false)
    })

    it('lets answers come first in a process that stood still', async () => {
      const { clock, store, gate } = aGate()
      const held = store.hold('load')
      const call = codeOf(gate.store.load(ID))

      clock.sleepTo(60_000)
      clock.advanceTo(60_000)
      held.release()

      assert.equal(await call, 'done')
      assert.equal(gate.isAway(ID), false)
    })

    it('settles what waits when it stops', async () => {
      const { store, gate } = aGate()
      store.hold('load')
      const call = codeOf(gate.store.load(ID))

      gate.stop()

      assert.equal(await call, 'CHP_STORE_UNAVAILABLE')
    })

    it('sets one timer for any number of calls, and none when nothing is asked', async () => {
      const { clock, gate, pass } = aGate()

      await Promise.all(Array.from({ length: 50 }, () => gate.store.load(ID)))

      assert.equal(clock.waiting, 1)
      await pass(500)
      assert.equal(clock.waiting, 0)
    })
  })
})
