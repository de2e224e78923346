import assert from 'node:assert/strict'
import type { Limits } from '../../lib/runtime/parts.ts'
import { aCall } from '../support/a-call.ts'
import { ADDRESS, aWorld, until } from '../support/a-world.ts'
import { type ChainOptions, chainProgram, foldOf } from '../support/chain-program.ts'
import { messages, OK, storedChain } from '../support/waiting-conversation.ts'

describe('an inbox that two processes see', () => {
  it('is taken once, in order, and before what is newer', async () => {
    const { world, one, two, pay } = await pair()
    await one.say('m0', 'call pay')
    for (const id of messages(12)) await (id.length % 2 === 0 ? one : two).say(id)

    pay.answer(OK)
    const late = two.say('late')
    await world.settle()
    await world.pass(30_000)

    const order = ['m0', 'settled m0', ...messages(12)]
    const chain = await storedChain(two)
    const { tag } = await late
    assert.ok(tag === 'committed' || tag === 'deferred')
    const lateAt = world.landed.findIndex(({ causes }) => causes.includes('late'))
    assert.ok(lateAt > 0)
    assert.ok([foldOf([...order, 'late'])].includes(String(chain)))
  })

  it('loses no message that was made to wait just as the call was settled', async () => {
    const { world, one, deferral, waiting } = await settledFirst(pair())
    await world.pass(200)
    deferral.release()
    await world.settle()

    assert.equal((await waiting).tag, 'deferred')
    await world.pass(15_000)
    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', 'm1', 'm2']))
  })

  it('has a row taken once although both processes are at it', async () => {
    const { world, one, two, pay } = await pair()
    await one.say('m0', 'call pay')
    for (const id of messages(20)) await one.say(id)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    for (let n = 0; n < 6; n += 1) {
      two.host.present(ADDRESS)
      one.host.present(ADDRESS)
      await world.pass(3)
    }
    await world.settle()
    await world.pass(30_000)

    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', ...messages(20)]))
  })

  it('has no row taken a second time by a process that came too late for it', async () => {
    const { world, one, two, pay } = await pair({ inboxRowsPerCommit: 1 })
    await one.say('m0', 'call pay')
    for (const id of messages(4)) await one.say(id)
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_REFUSED' }, { nth: 2 })
    pay.answer(OK)
    await world.pass(0)
    // One is about to take the second row; two takes it first.
    const held = world.store.hold('commit')
    await until(world.clock, held.arrived)
    two.host.present(ADDRESS)
    await world.pass(0)
    held.release()
    await world.settle()
    await world.pass(15_000)

    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', ...messages(4)]))
  })

  it('has a row that became free meanwhile taken before the event at hand', async () => {
    const { world, one, deferral, waiting } = await settledFirst(pair())
    await world.pass(100)
    const commit = world.store.hold('commit')
    const receipt = one.say('m3')
    await commit.arrived

    deferral.release()
    assert.equal((await waiting).tag, 'deferred')
    commit.release()
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', 'm1', 'm2', 'm3']))
  })

  it('is woken for a row that came when nothing else was due any more', async () => {
    const { world, one, deferral, waiting } = await settledFirst(
      pair({}, undefined, { sweepEveryMs: 3_600_000 })
    )
    await world.pass(40_000)
    assert.equal((await world.model.load(one.chat().id)).dueMs, null)

    deferral.release()
    await waiting
    await world.pass(15_000)

    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', 'm1', 'm2']))
  })

  it('sets the runs of a failing event back to 0 by the commit of a row before it', async () => {
    let runs = 0
    const hook: ChainOptions['hook'] = (_state, { id }) => {
      if (id !== 'bad') return undefined
      runs += 1
      if (runs <= 6) throw new Error('planned')
      return undefined
    }
    const { world, one, deferral, waiting } = await settledFirst(pair({}, hook))
    await world.pass(100)
    const receipt = one.say('bad')
    for (let n = 0; n < 50 && runs < 3; n += 1) await world.pass(10)
    assert.equal(runs, 3)
    deferral.release()
    await waiting
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(runs, 7)
    assert.equal(await storedChain(one), foldOf(['m0', 'settled m0', 'm1', 'm2', 'bad']))
  })
})

/** Two processes with one bot, whose call waits to be answered. */
async function pair(
  limits: Partial<Limits> = {},
  hook: ChainOptions['hook'] = () => undefined,
  limitsOfTwo: Partial<Limits> = limits
) {
  const world = aWorld()
  const pay = aCall('pay')
  const bot = chainProgram({ calls: { pay: pay.definition }, hook })
  const one = await world.start({ bot, limits })
  const two = await world.start({ bot, limits: limitsOfTwo })
  return { world, one, two, pay }
}

/** Two has decided to let a message wait; before the store hears of it, one settles the call. */
async function settledFirst(both: ReturnType<typeof pair>) {
  const { world, one, two, pay } = await both
  await one.say('m0', 'call pay')
  await two.say('m1')
  const deferral = world.store.hold('defer')
  const waiting = two.say('m2')
  await deferral.arrived
  pay.answer(OK)
  return { world, one, deferral, waiting }
}
