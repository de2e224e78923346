import assert from 'node:assert/strict'
import { aWorld, until } from '../support/a-world.ts'

describe('replies that two processes committed in turn', () => {
  it('go out in order, each side as soon as it sees that the other is through', async () => {
    const world = aWorld()
    const both = [await world.start(), await world.start()]
    for (let turn = 0; turn < 10; turn += 1)
      await until(world.clock, both[turn % 2]!.say(`m${turn}`))

    await world.pass(500)

    assert.deepEqual(
      world.offers.map(({ text }) => text),
      Array.from({ length: 10 }, (_, turn) => `${turn + 1} m${turn}`)
    )
  })

  it('do not wait where a member is served by one process and then by the other', async () => {
    const world = aWorld()
    const both = [await world.start(), await world.start()]
    await until(world.clock, both[0]!.say('m0'))
    await world.pass(1_000)
    for (let turn = 1; turn < 6; turn += 1) {
      const saidMs = world.clock.nowMs()
      await until(world.clock, both[turn % 2]!.say(`m${turn}`))
      await world.pass(100)

      const answered = world.offers.find(({ text }) => text === `${turn + 1} m${turn}`)
      assert.ok(answered !== undefined, `no answer to m${turn} within 100 ms`)
      assert.ok(answered.atMs - saidMs <= 50)
    }
  })

  it('are looked for less and less often while the other side does not send', async () => {
    const world = aWorld()
    const one = await world.start()
    const two = await world.start()
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    await two.say('m1')
    let loads = 0
    const load = world.model.load.bind(world.model)
    world.model.load = id => {
      loads += 1
      return load(id)
    }

    await world.pass(5_000)

    assert.deepEqual(two.channel.texts(), [])
    assert.ok(loads >= 8 && loads <= 20, `${loads} looks in 5 s`)
  })
})
