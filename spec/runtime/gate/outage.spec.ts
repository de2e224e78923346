import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../../lib/kernel/failure.ts'
import { BREAKER } from '../../../lib/runtime/gate/breaker.ts'
import { aGate, fails, ID, OTHER } from '../../support/a-gate.ts'
import { turns, until } from '../../support/a-world.ts'
import { codeOf } from '../../support/code-of.ts'

describe('an outage of the store', () => {
  it('opens after a second without an answer, and says so once', async () => {
    const gate = aGate()
    fails(gate, 'CHP_STORE_UNAVAILABLE')
    const calls = Array.from({ length: 40 }, () => codeOf(gate.load()))

    await gate.pass(1_300)

    assert.equal(gate.gate.isAway(ID), true)
    assert.equal(gate.gate.answers, false)
    await until(gate.clock, Promise.all(calls))
    assert.deepEqual(
      gate.lines.map(({ event }) => event),
      ['store.away']
    )
  })

  it('opens when half of the last calls failed, although others are answered', async () => {
    const { store, gate } = aGate()
    for (let n = 0; n < 20; n += 1) {
      assert.equal(gate.isAway(ID), false)
      if (n % 2 === 1) store.plan('load', { fail: 'before' })
      await codeOf(gate.store.load(ID))
    }

    assert.equal(gate.isAway(ID), true)
  })

  it('stays closed for one slow call while others are answered', async () => {
    const { store, gate, pass } = aGate()
    const held = store.hold('load')
    const slow = gate.store.load(ID)
    for (let n = 0; n < 20; n += 1) {
      await pass(100)
      await gate.store.load(OTHER)
      assert.equal(gate.isAway(ID), false)
    }

    held.release()
    await slow
  })

  it('asks by one probe at a time, however many wait', async () => {
    const gate = aGate()
    fails(gate, 'CHP_STORE_UNAVAILABLE')
    const calls = Array.from({ length: 200 }, () => codeOf(gate.load(ID, 60_000)))
    await gate.pass(1_500)
    const loads = gate.made('load')
    const probes = gate.made('defer')

    await gate.pass(20_000)

    assert.equal(gate.made('load'), loads)
    const asked = gate.made('defer') - probes
    assert.ok(asked >= 20_000 / 300 - 2 && asked <= 20_000 / 100, `${asked} probes`)
    assert.equal(gate.gate.waiting, 200)
    gate.gate.stop()
    await Promise.all(calls)
  })

  it('lets who waits go on within a second of its end, a few at first', async () => {
    const gate = aGate()
    const { heal } = fails(gate, 'CHP_STORE_UNAVAILABLE')
    const calls = Array.from({ length: 200 }, () => codeOf(gate.load(ID, 60_000)))
    await gate.pass(30_000)
    let most = 0
    const atOnce: number[] = []
    heal()
    const load = gate.model.load.bind(gate.model)
    let under = 0
    gate.model.load = async id => {
      under += 1
      most = Math.max(most, under)
      atOnce.push(under)
      await turns(1)
      under -= 1
      return load(id)
    }

    const fromMs = gate.clock.monotonicMs()
    const answers = await until(gate.clock, Promise.all(calls))

    assert.ok(answers.every(answer => answer === 'done'))
    assert.ok(gate.clock.monotonicMs() - fromMs < 1_000)
    assert.equal(atOnce[0], 1)
    assert.ok(most < 200, `${most} at once`)
    const back = gate.lines.at(-1)
    assert.deepEqual([back?.event, back?.['turnedAway']], ['store.back', 0])
    assert.ok(Number(back?.['awayMs']) >= 28_000)
  })

  it('goes on while probes are answered and what waits is not', async () => {
    const gate = aGate()
    const { heal } = fails(gate, 'CHP_STORE_UNAVAILABLE')
    const call = codeOf(gate.load(ID, 60_000))
    await gate.pass(3_000)
    const load = gate.model.load.bind(gate.model)
    heal()
    gate.model.load = load
    await gate.pass(10_000)

    assert.deepEqual(
      gate.lines.filter(({ event }) => event !== 'store.alarm').map(({ event }) => event),
      ['store.away']
    )
    const fromMs = gate.clock.monotonicMs()
    heal()
    assert.equal(await until(gate.clock, call), 'done')
    assert.ok(gate.clock.monotonicMs() - fromMs < 1_000)
    assert.equal(gate.lines.at(-1)?.event, 'store.back')
    await gate.pass(2_000)
    assert.equal(gate.clock.waiting, 0)
  })

  it('ends with an answer to who waited last, not before', async () => {
    const gate = aGate()
    const { heal } = fails(gate, 'CHP_STORE_UNAVAILABLE')
    const call = codeOf(gate.load(ID, 60_000))
    await gate.pass(3_000)
    heal()
    const held = gate.store.hold('load')
    await gate.pass(500)
    assert.equal(gate.gate.waiting, 0)
    assert.deepEqual(
      gate.lines.map(({ event }) => event),
      ['store.away']
    )

    held.release()

    assert.equal(await call, 'done')
    assert.equal(gate.lines.at(-1)?.event, 'store.back')
  })

  it('ends although the conversation it is asked about cannot be read', async () => {
    const gate = aGate()
    const { heal } = fails(gate, 'CHP_STORE_UNAVAILABLE')
    const calls = [codeOf(gate.load(ID, 60_000))]
    await gate.pass(3_000)
    calls.push(codeOf(gate.load(OTHER, 60_000)))
    heal()
    const damaged = new ChaperoneError(failure('CHP_STORE_WRONG_TYPE', 'planned'))
    for (const call of ['load', 'defer'] as const) {
      const well = gate.model[call].bind(gate.model) as (id: string, ...rest: never[]) => unknown
      const answered = async (id: string, ...rest: never[]): Promise<unknown> => {
        if (id === ID) throw damaged
        return well(id, ...rest)
      }
      Object.assign(gate.model, { [call]: answered })
    }

    await gate.pass(2_000)

    assert.equal(gate.gate.answers, true)
    assert.deepEqual(await Promise.all(calls), ['CHP_STORE_WRONG_TYPE', 'done'])
    assert.equal(gate.lines.at(-1)?.event, 'store.back')
  })

  it('tells a person when it lasts, once', async () => {
    const gate = aGate()
    const { heal } = fails(gate, 'CHP_STORE_REFUSED')
    const call = codeOf(gate.load())
    await gate.pass(9_000)
    assert.equal(gate.alarms.length, 0)

    await gate.pass(60_000)

    assert.deepEqual(
      gate.alarms.map(({ conversation, failure: { code } }) => [conversation, code]),
      [[null, 'CHP_STORE_REFUSED']]
    )
    assert.equal(await call, 'CHP_STORE_REFUSED')
    heal()
    await gate.pass(1_000)
    assert.equal(gate.gate.isAway(ID), false)
    assert.equal(gate.clock.waiting, 0)
  })

  it('turns new work away with a time to come again, not the same for all', async () => {
    const gate = aGate()
    fails(gate, 'CHP_STORE_UNAVAILABLE')
    void codeOf(gate.load())
    assert.equal(gate.gate.turnedAway(ID), null)
    await gate.pass(2_000)

    const away = Array.from({ length: 20 }, () => gate.gate.turnedAway(ID))

    for (const told of away) assert.equal(told?.reason, 'CHP_STORE_UNAVAILABLE')
    const times = away.map(told => told?.retryAfterMs ?? 0)
    assert.ok(new Set(times).size > 10)
    assert.ok(times.every(ms => ms >= 1_000 && ms < 2_000))
    assert.equal(await codeOf(gate.gate.store.load(ID)), 'CHP_STORE_UNAVAILABLE')
  })

  it('keeps nobody waiting once the runtime has stopped', async () => {
    const gate = aGate()
    fails(gate, 'CHP_STORE_UNAVAILABLE')
    const waiting = codeOf(gate.load(ID, 60_000))
    await gate.pass(2_000)

    gate.gate.stop()

    assert.equal(await waiting, 'CHP_STORE_UNAVAILABLE')
    assert.equal(await codeOf(gate.load(ID, 60_000)), 'CHP_STORE_UNAVAILABLE')
    assert.equal(gate.gate.waiting, 0)
  })

  it('of one part of a store concerns no other part', async () => {
    const gate = aGate(id => id.slice(0, 1))
    const load = gate.model.load.bind(gate.model)
    const defer = gate.model.defer.bind(gate.model)
    const down = (id: string): void => {
      if (id === ID) throw new ChaperoneError(failure('CHP_STORE_REFUSED', 'its slot moves'))
    }
    gate.model.load = async id => {
      down(id)
      return load(id)
    }
    gate.model.defer = async (id, deferral) => {
      down(id)
      return defer(id, deferral)
    }
    const call = codeOf(gate.load())
    await gate.pass(2_000)

    assert.deepEqual([gate.gate.isAway(ID), gate.gate.isAway(OTHER)], [true, false])
    assert.equal(gate.gate.answers, true)
    assert.equal(await codeOf(gate.gate.store.load(OTHER)), 'done')
    await until(gate.clock, call)
  })

  it('of the rows of the processes concerns no conversation and no sweep', async () => {
    const gate = aGate(id => id.slice(0, 1))
    gate.store.plan('keepProcess', { fail: 'before' }, { times: 1_000 })
    const kept = (): Promise<string | undefined> =>
      codeOf(gate.gate.store.keepProcess!('one', '', []))
    for (let n = 0; n < 100; n += 1) assert.equal(await kept(), 'CHP_STORE_UNAVAILABLE')

    // Asked no more, it keeps no run waiting.
    assert.equal(gate.made('keepProcess'), BREAKER.failures)
    for (let n = 0; n < 10; n += 1) {
      await kept()
      assert.deepEqual([gate.gate.answers, gate.gate.isAway(ID)], [true, false])
      assert.equal(await codeOf(gate.gate.store.time()), 'done')
      assert.equal(await codeOf(gate.gate.store.load(ID)), 'done')
      await gate.pass(1_000)
    }
    const told = gate.lines.filter(({ event }) => event === 'store.away')
    assert.deepEqual(
      told.map(({ part }) => part),
      ['processes']
    )
    gate.store.heal()
    await gate.pass(1_000)

    assert.equal(await kept(), 'done')
  })
})
