import assert from 'node:assert/strict'
import { keyRing } from '../../lib/store/seal.ts'
import { aWorld, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const ring = (id: string, fill: number) =>
  keyRing({ active: id, keys: { [id]: new Uint8Array(32).fill(fill) } })

async function stored(world: World, id: string): Promise<string | null> {
  return (await world.model.load(id)).record
}

describe('a record that this process must not touch', () => {
  it('of a newer schema is never written over, and no reply is made up', async () => {
    const world = aWorld()
    const newer = await world.start({ bot: { ...chainProgram(), schema: 1 }, instance: 'one' })
    await newer.say('m0', 'remind 3000')
    await world.settle()
    newer.kill()
    const older = await world.start({ bot: { ...chainProgram(), schema: 0 }, instance: 'two' })
    const { id } = older.chat()
    const before = await stored(world, id)

    const receipt = older.say('m1')
    await world.pass(60_000)

    assert.notEqual((await receipt).tag, 'committed')
    assert.equal(await stored(world, id), before)
    assert.deepEqual(older.channel.texts(), ['1 m0'])
    assert.equal((await older.say('m2', 'hi', 'other')).tag, 'committed')
  })

  it('of a flow that only a newer build knows is never written over', async () => {
    const world = aWorld()
    const newer = await world.start({ instance: 'one' })
    await newer.say('m0')
    await world.settle()
    newer.kill()
    const bot = { ...chainProgram(), invalid: () => 'newer: flow "CHAIN" is at version 2' }
    const older = await world.start({ bot, instance: 'two' })
    const { id } = older.chat()
    const before = await stored(world, id)

    const receipt = older.say('m1')
    await world.pass(20_000)

    assert.notEqual((await receipt).tag, 'committed')
    assert.equal(await stored(world, id), before)
  })

  it('with a row sealed by a key we do not have is never written over', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one', keys: ring('k1', 1) })
    await first.say('m0')
    await world.settle()
    first.kill()
    const load = world.model.load.bind(world.model)
    const inbox = [{ why: 'call', row: ring('k1', 1).seal('{}', ['x']) }] as const
    world.model.load = async id => ({ ...(await load(id)), inbox })
    const second = await world.start({ instance: 'two', keys: ring('k2', 2) })
    const before = await stored(world, second.chat().id)

    const receipt = second.say('m1')
    await world.pass(20_000)

    assert.equal((await receipt).tag, 'shed')
    assert.equal(await stored(world, second.chat().id), before)
  })
})
