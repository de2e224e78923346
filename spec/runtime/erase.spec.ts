import assert from 'node:assert/strict'
import { BOUNDS } from '../../lib/store/conversation-store.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

async function erased({ model }: World, process: Process): Promise<void> {
  const { id } = process.chat()
  const { fence } = await model.load(id)
  assert.equal(await model.erase(id, fence?.epoch ?? '', 'tombstone'), 'erased')
}

describe('a conversation that is erased', () => {
  it('while its replies are not acknowledged yet owes nothing, and begins anew', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0', 'say 2')
    await world.pass(20)
    await erased(world, process)

    await world.pass(2_000)
    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(process.channel.texts(), ['m0', 'm0', '1 m1'])
    assert.deepEqual((await world.model.load(process.chat().id)).undelivered, [])
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m1']))
  })

  it('while a reply waits for its channel has the next ones sent, not that one', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => ({ tag: 'later', afterMs: 5_000, why: 'away' })
    await process.say('m0')
    await world.pass(100)
    await erased(world, process)
    process.channel.answer = () => ({ tag: 'sent', providerId: null })

    const receipt = process.say('m1')
    await world.settle()
    await world.pass(30_000)

    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(process.channel.texts(), ['1 m1'])
  })

  it('under the hands of a turn has that turn decided anew', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    const held = world.store.hold('commit')
    const receipt = process.say('m1')
    await held.arrived
    await erased(world, process)
    held.release()
    await world.settle()

    assert.deepEqual(await receipt, {
      tag: 'committed',
      version: 1,
      replies: [{ kind: 'text', text: '1 m1' }]
    })
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m1']))
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 0)
  })

  it('and whose tombstone is gone by now begins anew without a word of a rollback', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    await erased(world, process)
    world.clock.sleepTo(world.clock.nowMs() + BOUNDS.tombstoneMs + 1_000)

    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 0)
  })

  it('still knows the ids it has seen', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    await erased(world, process)

    const again = process.say('m0')
    await world.settle()

    assert.equal((await again).tag, 'duplicate')
  })
})
