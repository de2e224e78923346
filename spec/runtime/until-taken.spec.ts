import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { UntilTaken } from '../../lib/runtime/until-taken.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, turns } from '../support/a-world.ts'
import { OK } from '../support/call-bench.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe('the result of a call', () => {
  it('outlives an outage: it is taken when the store is back, the call is made once', async () => {
    const world = aWorld()
    const pay = aCall('pay', { timeoutMs: 60_000, attempts: 1 })
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    await world.pass(100)

    const forever = { times: Number.POSITIVE_INFINITY }
    for (const call of ['load', 'commit', 'rewrite', 'claimDue', 'time', 'defer'] as const)
      world.store.plan(call, { fail: 'before' }, forever)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await world.pass(40_000)
    world.store.heal()
    await world.pass(3_000)

    assert.equal(pay.made.length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
    assert.deepEqual(process.channel.texts().slice(-1), ['ok {"n":1}'])
  })

  it('waits for room among replies that were not delivered; the call is made once', async () => {
    const world = aWorld()
    const pay = aCall('pay', { timeoutMs: 60_000, attempts: 1 })
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    process.channel.answer = () => ({ tag: 'later', afterMs: 1_000, why: 'planned' })
    // The host fills the room while the call is under way.
    await process.say('m0', 'call pay')
    await world.pass(100)
    const full = { tag: 'full', what: 'undelivered', untilMs: null } as const
    let refused = 0
    const commit: ConversationStore['commit'] = world.model.commit.bind(world.model)
    world.model.commit = async (id, asked) => {
      if (refused < 0) return commit(id, asked)
      refused += 1
      return full
    }
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await world.pass(30_000)
    assert.ok(refused > 3 && refused < 20, `${refused} commits were tried`)

    refused = -1_000_000
    process.channel.answer = () => ({ tag: 'sent', providerId: null })
    await world.pass(6_000)

    assert.equal(pay.made.length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
  })
})

describe('an event of the runtime itself', () => {
  const event = { kind: 'TimerDue', id: 't', timer: 't', dueMs: 0 } as const
  const shed = (reason = 'planned'): Receipt => ({ tag: 'shed', reason, retryAfterMs: 1_000 })

  /** Receipts are given in this order, the last one for ever. */
  function bench(receipts: readonly Receipt[], untakenEvents = 10) {
    const clock = simulatedClock({ startMs: 0 })
    let pushed = 0
    const untaken = new UntilTaken({
      clock,
      log: silentLog,
      limits: { untakenEvents },
      push: async () => {
        pushed += 1
        return receipts[Math.min(pushed, receipts.length) - 1] ?? shed()
      }
    })
    const ended: string[] = []
    const push = (id: string): void => void untaken.push(id, event).then(() => ended.push(id))
    const pass = async (ms: number): Promise<void> => {
      for (const endMs = clock.nowMs() + ms; ; ) {
        await turns(3)
        const next = clock.nextDueMs()
        if (next === null || next > endMs) return clock.advanceTo(endMs)
        clock.advanceTo(next)
      }
    }
    return { clock, untaken, push, pass, ended, pushed: () => pushed }
  }

  it('is pushed again, no sooner than asked and ever less often, until it is taken', async () => {
    const { push, pass, ended, pushed, untaken } = bench([
      ...Array.from({ length: 6 }, () => shed()),
      { tag: 'parked' }
    ])
    push('c')
    await pass(900)
    assert.deepEqual([pushed(), untaken.open], [1, 1])
    await pass(30_000)
    assert.deepEqual([pushed(), untaken.open, ended], [7, 0, ['c']])
  })

  it('is pushed at once when the store is back', async () => {
    const { push, pass, pushed, untaken, ended } = bench([shed(), { tag: 'parked' }])
    push('c')
    await pass(10)
    untaken.hasten()
    await pass(0)
    assert.deepEqual([pushed(), ended], [2, ['c']])
  })

  it('is let go when nobody is there to take it', async () => {
    for (const reason of ['nothing is stored there', 'address unknown']) {
      const { push, pass, pushed, ended } = bench([shed(reason)])
      push('c')
      await pass(10_000)
      assert.deepEqual([pushed(), ended], [1, ['c']])
    }
  })

  it('is let go when too many wait already; all are by a stop, with no timer left', async () => {
    const { push, pass, ended, untaken, clock } = bench([shed()], 2)
    for (const id of ['a', 'b', 'c']) push(id)
    await pass(10)
    assert.deepEqual([ended, untaken.open], [['c'], 2])
    untaken.stop()
    await pass(0)
    assert.deepEqual([ended, untaken.open, clock.nextDueMs()], [['c', 'a', 'b'], 0, null])
  })
})
