import assert from 'node:assert/strict'
import { Watchdog, type Watched } from '../../lib/runtime/watchdog.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { OK } from '../support/waiting-conversation.ts'

/** Its thread must end nobody: the clock of the world makes no beat. */
const watchdog = { nameMs: 3_000_000, endMs: 6_000_000 }

describe('what the watchdog is told of runs', () => {
  const real = Object.getOwnPropertyDescriptor(Watchdog.prototype, 'around')!
  const around = real.value as <T>(this: Watchdog, run: Watched, decide: () => T) => T
  const named: Watched[] = []
  beforeEach(() => {
    named.length = 0
    Watchdog.prototype.around = function <T>(this: Watchdog, run: Watched, decide: () => T): T {
      named.push(run)
      return around.call<Watchdog, [Watched, () => T], T>(this, run, decide)
    }
  })
  afterEach(() => {
    Object.defineProperty(Watchdog.prototype, 'around', real)
  })

  it('names each event by itself, also those that one commit takes from the inbox', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const process = await world.start({
      bot: chainProgram({ calls: { pay: pay.definition } }),
      watchdog
    })
    await process.say('m0', 'call pay')
    for (const id of ['m1', 'm2']) await process.say(id)
    named.length = 0
    pay.answer(OK)
    await world.settle()
    await process.runtime.stop()

    assert.equal(world.landed.at(-1)?.causes.length, 3)
    assert.deepEqual(
      named.map(({ event: { kind } }) => kind),
      ['CallSettled', 'Inbound', 'Inbound']
    )
    assert.deepEqual(
      named.slice(1).map(({ event: { id } }) => id),
      ['m1', 'm2']
    )
  })

  it('says where the conversation stands, and which run gives the event up', async () => {
    const world = aWorld()
    const hook = (_state: unknown, { id }: { readonly id: string }): undefined => {
      if (id === 'm2') throw new Error('planned')
    }
    const process = await world.start({ bot: chainProgram({ hook }), watchdog })
    const { id: conversation } = process.chat()
    await process.say('m1')
    void process.say('m2')
    await world.settle()
    await process.runtime.stop()

    const told = named.map(({ event: { id }, where, isGivingUp }) => [id, where, isGivingUp])
    assert.deepEqual(told[0], ['m1', 'none', false])
    assert.deepEqual(told.slice(1), [
      ...Array.from({ length: 4 }, () => ['m2', 'CHAIN.link', false]),
      ['m2', 'CHAIN.link', true]
    ])
    assert.ok(named.every(run => run.conversation === conversation))
  })
})
