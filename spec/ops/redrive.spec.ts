import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../lib/ops/parked-events.ts'
import { aWorld, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const BY = { by: 'eve', reason: 'mended' } as const
const ALL = { settled: true } as const

describe('a parked event that is run again', () => {
  it('is so as often as it was parked, though its id is the longest', async () => {
    const id = 'x'.repeat(512)
    let isIll = true
    const bot = chainProgram({
      hook: (_state, event) => (isIll && event.id === id ? assert.fail('broken') : undefined)
    })
    const world = aWorld()
    const process = await world.start({ bot, policy: { rules: [{ do: 'park' }] } })
    await until(world.clock, process.say('m0'))
    await until(world.clock, process.say(id))
    await world.pass(1_000)
    const who = process.chat().id
    const ops = operatorOf(process.runtime)
    const events = async (): Promise<readonly ParkedEvent[]> =>
      (await until(world.clock, ops.parkedEvents(who, ALL))) as readonly ParkedEvent[]
    const rerun = async (place: number): Promise<void> => {
      const { key } = (await events())[place] ?? assert.fail('nothing is parked there')
      assert.equal((await until(world.clock, ops.redrive(who, key, BY))).tag, 'redriven')
      await world.pass(3_000)
    }

    await rerun(0)
    isIll = false
    await rerun(1)

    const states = (await events()).map(({ state }) => state)
    assert.deepEqual(states, ['redriven', 'redriven'])
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', id]))
  })

  it('is told from the one that was parked in the same millisecond', async () => {
    const bot = chainProgram({
      hook: (_state, { id }) => (id === 'bad' ? assert.fail('broken') : undefined)
    })
    const world = aWorld()
    const process = await world.start({ bot, policy: { rules: [{ do: 'park' }] } })
    await until(world.clock, process.say('m0'))
    await until(world.clock, process.say('bad'))
    const who = process.chat().id
    const ops = operatorOf(process.runtime)
    const events = async (): Promise<readonly ParkedEvent[]> =>
      (await ops.parkedEvents(who, ALL)) as readonly ParkedEvent[]
    const [first] = await events()

    for (let times = 1; times <= 2; times += 1) {
      const { key } = (await events()).at(-1) ?? assert.fail('nothing is parked there')
      assert.equal((await ops.redrive(who, key, BY)).tag, 'redriven')
      for (let turn = 0; turn < 50; turn += 1) await setImmediate()
    }

    assert.deepEqual(
      (await events()).map(({ state, at }) => [state, at]),
      ['redriven', 'redriven', 'open'].map(state => [state, first?.at])
    )
  })
})
