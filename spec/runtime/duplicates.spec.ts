import assert from 'node:assert/strict'
import { aWorld, until } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'

describe('a message that comes twice', () => {
  it('at once has one effect and one reply', async () => {
    const world = aWorld()
    const process = await world.start()

    const both = [process.say('m0'), process.say('m0')]
    await world.settle()

    assert.deepEqual(
      (await Promise.all(both)).map(({ tag }) => tag),
      ['committed', 'duplicate']
    )
    assert.deepEqual(process.channel.texts(), ['1 m0'])
    assert.equal(world.landed.length, 1)
  })

  it('later has one effect and one reply', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await process.say('m1')
    await world.settle()
    await world.pass(60_000)

    const again = process.say('m0')
    await world.settle()

    assert.equal((await again).tag, 'duplicate')
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1'])
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
  })

  it('after a restart has one effect, and what the last life could not send goes out', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    first.channel.answer = () => new Promise(() => undefined)
    const receipt = first.say('m0')
    await receipt
    first.kill()
    const second = await world.start({ instance: 'one' })
    second.channel.answer = () => SENT

    const again = second.say('m0')
    await world.settle()

    assert.equal((await again).tag, 'duplicate')
    assert.deepEqual(second.channel.texts(), ['1 m0'])
    assert.equal(new Set(world.offers.map(({ key }) => key)).size, 1)
    assert.equal(world.landed.length, 1)
  })

  it('on two processes at the same instant has one effect and one reply', async () => {
    for (let round = 0; round < 10; round += 1) {
      const world = aWorld()
      const one = await world.start()
      const two = await world.start()

      const both = round % 2 === 0 ? [one.say('m0'), two.say('m0')] : [two.say('m0'), one.say('m0')]
      await world.settle()
      await world.pass(30_000)

      const tags = (await Promise.all(both)).map(({ tag }) => tag)
      assert.deepEqual(tags.toSorted(), ['committed', 'duplicate'])
      assert.deepEqual(
        world.offers.map(({ text }) => text),
        ['1 m0']
      )
    }
  })

  it('on another process is answered by it once the first one has died unsent', async () => {
    const world = aWorld()
    const one = await world.start()
    const two = await world.start()
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    one.kill()

    const again = two.say('m0')
    await world.settle()
    assert.equal((await again).tag, 'duplicate')
    assert.deepEqual(two.channel.texts(), [])
    await world.pass(15_000)

    assert.deepEqual(two.channel.texts(), ['1 m0'])
    assert.deepEqual((await world.model.load(two.chat().id)).undelivered, [])
  })

  it('from the host by tell has one effect too', async () => {
    const world = aWorld()
    const process = await world.start()

    const told = await process.chat().tell({ id: 'invoice-1', event: 'ready', data: { sum: '1' } })
    const again = await process.chat().tell({ id: 'invoice-1', event: 'ready', data: { sum: '1' } })
    await world.settle()

    assert.equal(told.tag, 'committed')
    assert.equal(again.tag, 'duplicate')
    assert.deepEqual(process.channel.texts(), ['told ready'])
  })

  it('is kept apart from the same id in another conversation', async () => {
    const world = aWorld()
    const process = await world.start()

    const [one, other] = await Promise.all([process.say('m0'), process.say('m0', 'hi', 'v')])

    assert.equal(one?.tag, 'committed')
    assert.equal(other?.tag, 'committed')
  })

  it('while its first run waits for the store has one effect', async () => {
    const world = aWorld()
    const process = await world.start()
    const held = world.store.hold('commit')
    const first = process.say('m0')
    await held.arrived
    const again = process.say('m0')
    held.release()

    assert.equal((await until(world.clock, first)).tag, 'committed')
    assert.equal((await until(world.clock, again)).tag, 'duplicate')
  })
})
