import assert from 'node:assert/strict'
import { turns } from '../support/a-world.ts'
import { outboxBench, SENT } from '../support/outbox-bench.ts'

describe('replies that another process may have sent', () => {
  it('wait while the store cannot say it, and are sent from where it then says', async () => {
    const world = outboxBench()
    world.owed.through = new Error('planned')
    world.deliverForeign([1, 2, 3])
    await world.run(60_000)
    assert.deepEqual(world.offers, [])

    world.owed.through = 2
    await world.run(9_000)

    assert.deepEqual(world.offers, ['c.e.3'])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 3])
    assert.equal(world.outbox.open, 0)
    assert.equal(world.clock.waiting, 0)
  })

  it('are asked about once: one answer holds for those behind', async () => {
    const world = outboxBench()
    world.answer = () => {
      world.owed.through = new Error('planned')
      return SENT
    }
    world.deliverForeign([1, 2, 3])
    await world.run(0)

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.2', 'c.e.3'])
  })

  it('wait also when they became so by age, in the pause after a failure', async () => {
    const world = outboxBench()
    world.answer = () => ({ tag: 'later', afterMs: 30_000, why: 'planned' })
    world.deliver([1, 2])
    await turns(5)
    world.answer = () => SENT
    world.owed.through = new Error('planned')
    await world.run(90_000)
    assert.deepEqual(world.offers, ['c.e.1'])

    world.owed.through = 2
    await world.run(9_000)

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.deepEqual(world.acknowledged, [['c', 'e', 2]])
  })

  it('are asked about anew when more of them come while the store is asked', async () => {
    const world = outboxBench()
    let say: (through: number) => void = () => undefined
    world.owed.through = new Promise(resolve => {
      say = resolve
    })
    world.deliverForeign([1])
    await turns(3)
    world.deliverForeign([1, 2])
    say(0)
    world.owed.through = 2
    await world.run(0)

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 2])
  })

  for (const end of ['forgotten', 'stopped'] as const)
    it(`are not sent when they were ${end} while the store was asked`, async () => {
      const world = outboxBench()
      let say: (through: number) => void = () => undefined
      world.owed.through = new Promise(resolve => {
        say = resolve
      })
      world.deliverForeign([1, 2])
      await turns(3)
      if (end === 'forgotten') world.outbox.forget('c')
      else await Promise.all([world.outbox.stop(10), world.run(10)])
      say(0)
      await world.run(60_000)

      assert.deepEqual(world.offers, [])
      assert.deepEqual(world.acknowledged, [])
      assert.equal(world.outbox.open, 0)
      assert.equal(world.clock.waiting, 0)
    })
})
