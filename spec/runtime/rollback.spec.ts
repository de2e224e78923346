import assert from 'node:assert/strict'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, turns, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

/** Lets the store be put back to an early state, as one that lost its last seconds. */
function rewindable({ model, clock }: World): (commits: number) => Promise<void> {
  const made: Parameters<typeof model.commit>[] = []
  const commit = model.commit.bind(model)
  model.commit = (...args) => {
    made.push(args)
    return commit(...args)
  }
  return async commits => {
    const early = memoryStore({ clock })
    for (const args of made.slice(0, commits)) await early.commit(...args)
    for (const name of ['load', 'defer', 'acknowledged', 'settleDue', 'claimDue'] as const) {
      Object.assign(model, { [name]: early[name].bind(early) })
    }
    model.commit = early.commit.bind(early)
  }
}

describe('a store that rolled back', () => {
  it('is told once per conversation, and nothing from memory is written back', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const process = await world.start()
    await process.say('m0')
    await process.say('m1')
    await world.settle()
    await rewind(1)

    const receipt = process.say('m2')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm2']))
    // The store forgot that the first was taken; what was never committed there is no one's.
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1', '1 m0', '2 m2'])
    const keys = new Map(world.offers.map(({ text, key }) => [text, key]))
    assert.equal(new Set(keys.values()).size, 3)
    assert.equal(new Set(world.offers.map(({ key }) => key)).size, 3)
    await world.pass(2_000)
    assert.deepEqual((await world.model.load(process.chat().id)).undelivered, [])
  })

  it('gives no two replies one key, though two processes decided at the same time', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const one = await world.start()
    const two = await world.start()
    await one.say('m0')
    await world.settle()
    await two.say('m0')
    const late = world.store.hold('commit')
    const held = two.say('m2')
    await late.arrived
    await one.say('m3')
    await turns(10)
    await rewind(1)
    late.release()

    assert.equal((await held).tag, 'committed')
    await world.settle()
    const keys = ['2 m2', '2 m3'].map(said => world.offers.find(({ text }) => text === said)?.key)
    assert.ok(keys.every(key => key !== undefined))
    assert.equal(new Set(keys).size, 2, keys.join(' '))
  })

  it('that lost only an acknowledgement is told of it again', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    await rewind(1)
    const { id } = process.chat()
    assert.equal((await world.model.load(id)).undelivered.length, 1)

    await world.pass(25_000)

    assert.deepEqual((await world.model.load(id)).undelivered, [])
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('is known by its history when another process has come as far again', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const one = await world.start()
    const two = await world.start()
    await one.say('m0')
    await one.say('m1')
    await world.settle()
    await rewind(1)
    await two.say('other')

    const receipt = one.say('m2')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['m0', 'other', 'm2']))
    await world.pass(15_000)
    assert.deepEqual((await world.model.load(one.chat().id)).undelivered, [])
    assert.ok(world.offers.some(({ text }) => text === '3 m2'))
  })

  it('is known by a message that only goes to the inbox', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const calls = { pay: aCall('pay').definition }
    const process = await world.start({ bot: chainProgram({ calls, progressAfterMs: 1 }) })
    await process.say('m0', 'call pay')
    await world.pass(10)
    // Its member is told that the call takes long, by a commit: what is remembered is whole.
    await process.say('m1')
    await rewind(1)

    const receipt = process.say('m2')
    await world.pass(100)

    assert.equal((await receipt).tag, 'deferred')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
  })

  it('to nothing at all is told as well', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    await rewind(0)

    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0', '1 m1'])
  })
})
