import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../lib/kernel/failure.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import type { Notices } from '../../lib/runtime/alarms.ts'
import { tended } from '../../lib/runtime/tended.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aWorld, type Process, until } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

type Failed = (error: unknown) => void

function parts() {
  const clock = simulatedClock({ startMs: 0 })
  const told: string[] = []
  const alarms: Notices = {
    notice: ({ failure: { detail } }) => told.push(detail.split(':')[0] ?? '')
  }
  const [outbox, calls] = (['outbox', 'calls'] as const).map(part =>
    tended(part, { log: silentLog, clock, alarms })
  ) as [Failed, Failed]
  const fail = (failed: Failed, times: number, error: unknown = new Error('planned')): void => {
    for (let n = 0; n < times; n += 1) failed(error)
  }
  return { clock, told, outbox, calls, fail }
}

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
    assert.match(alarm, /the last CHP_STORE_LAYOUT/)
    assert.deepEqual(more, [])
    await until(world.clock, process.say('m1'))
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
    assert.equal(process.runtime.ready, true)
    assert.equal(process.heard.filter(({ name }) => name === 'restarted').length, 0)
  })

  it('spends an intensity of its own, and is told of again after an hour', () => {
    const { clock, told, outbox, calls, fail } = parts()

    fail(outbox, 9)
    fail(calls, 9)
    clock.advanceTo(60_000)
    fail(outbox, 9)
    assert.deepEqual(told, [])
    fail(outbox, 1)
    assert.deepEqual(told, ['outbox'])
    fail(outbox, 30)
    assert.deepEqual(told, ['outbox'])
    clock.advanceTo(60_000 + 3_600_000)
    fail(outbox, 9)
    assert.deepEqual(told, ['outbox'])
    fail(outbox, 1)
    assert.deepEqual(told, ['outbox', 'outbox'])
  })

  it('does not mean that the store is away', () => {
    const { told, outbox, fail } = parts()
    const away = new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'planned'))

    fail(outbox, 100, away)
    fail(outbox, 9)
    assert.deepEqual(told, [])
    fail(outbox, 1)
    assert.deepEqual(told, ['outbox'])
  })

  it('costs the same for each fault of a storm, the ten thousandth and the first', () => {
    const { told, outbox, fail } = parts()
    const spent = (times: number): number => {
      const before = process.cpuUsage()
      fail(outbox, times)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }

    spent(10_000)
    const ms = spent(30_000) / 1_000

    assert.deepEqual(told, ['outbox'])
    assert.ok(ms < 1_000, `${ms} ms of the processor`)
  })
})
