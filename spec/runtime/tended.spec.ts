import assert from 'node:assert/strict'
import { type Log, silentLog } from '../../lib/kernel/log.ts'
import { tended } from '../../lib/runtime/tended.ts'
import { Listeners } from '../../lib/runtime/trace.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aWorld, type Process, until } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

describe('a part of the runtime that fails unforeseen', () => {
  const alarms = ({ heard }: Process): readonly string[] =>
    heard.filter(({ name }) => name === 'alarm').map(({ event }) => JSON.stringify(event))
  it('goes on, and a person is told once its intensity is spent: the sweeps', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    world.store.plan('claimDue', { fail: 'before', code: 'CHP_STORE_LAYOUT' }, { times: 9 })
    await world.pass(15_000)
    assert.deepEqual(alarms(process), [])

    world.store.plan('claimDue', { fail: 'before', code: 'CHP_STORE_LAYOUT' }, { times: 30 })
    await world.pass(120_000)

    const [alarm = '', ...more] = alarms(process)
    assert.match(alarm, /CHP_PART_FAILING.*timers: 10 unforeseen faults/)
    assert.deepEqual(more, [])
    await until(world.clock, process.say('m1'))
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
    assert.equal(process.runtime.ready, true)
    assert.equal(process.heard.filter(({ name }) => name === 'restarted').length, 0)
  })

  it('spends an intensity of its own, and is told of again after an hour', () => {
    const clock = simulatedClock({ startMs: 0 })
    const told: string[] = []
    const listeners = new Listeners(() => assert.fail('a listener threw'))
    listeners.on('alarm', ({ failure }) => told.push(failure.detail.split(':')[0] ?? ''))
    const [outbox, calls] = (['outbox', 'calls'] as const).map(part =>
      tended(part, { log: silentLog, clock, listeners })
    ) as [Log, Log]
    const fail = (log: Log, event: string, times: number): void => {
      for (let n = 0; n < times; n += 1) log.error({ event })
    }

    fail(outbox, 'outbox.failed', 9)
    fail(calls, 'call.failed', 9)
    fail(calls, 'call.unknown', 9)
    clock.advanceTo(60_000)
    fail(outbox, 'outbox.failed', 9)
    assert.deepEqual(told, [])
    fail(outbox, 'outbox.failed', 1)
    assert.deepEqual(told, ['outbox'])
    fail(outbox, 'outbox.failed', 30)
    assert.deepEqual(told, ['outbox'])
    clock.advanceTo(60_000 + 3_600_000)
    fail(outbox, 'outbox.failed', 10)
    assert.deepEqual(told, ['outbox', 'outbox'])
  })
})
