import assert from 'node:assert/strict'
import { aWorld } from '../support/a-world.ts'

describe('two live processes of one name', () => {
  it('send no reply twice: each leaves to the other what the other committed', async () => {
    const world = aWorld()
    const one = await world.start({ instance: 'twin' })
    const two = await world.start({ instance: 'twin' })
    one.channel.answer = () => new Promise(() => undefined)

    await one.say('m0')
    await two.say('m1')
    await world.pass(500)

    assert.deepEqual(two.channel.texts(), [])
    assert.deepEqual(
      world.offers.map(({ text }) => text),
      ['1 m0']
    )
  })

  it('still hand over at once what was left before the second began', async () => {
    const world = aWorld()
    const one = await world.start({ instance: 'twin' })
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    one.kill()
    await world.pass(1)

    const two = await world.start({ instance: 'twin' })
    await world.pass(1_000)

    assert.deepEqual(two.channel.texts(), ['1 m0'])
  })
})
