import assert from 'node:assert/strict'
import { turns } from '../support/a-world.ts'
import { LATER, outboxBench, SENT } from '../support/outbox-bench.ts'

/** The lease, the time limit of the channel, and time for an acknowledgement. */
const ALL_MS = 10_000 + 1_000 + 1_000

describe('a hold on replies', () => {
  it('is asked for as long as sends may begin, and the last of them takes', async () => {
    const world = outboxBench()
    world.deliverForeign([1])
    await world.run(0)

    assert.deepEqual(world.holds, [['c', 'e', ALL_MS]])
    assert.deepEqual(world.offers, ['c.e.1'])
  })

  it('is asked for anew when what is left of it does not outlast a send', async () => {
    const world = outboxBench()
    const takenMs: number[] = []
    world.answer = async () => {
      takenMs.push(world.clock.nowMs())
      await new Promise<void>(resolve => void world.clock.after(900, resolve))
      return SENT
    }
    world.deliverForeign(Array.from({ length: 15 }, (_, at) => at + 1))
    await world.run(30_000)

    assert.equal(takenMs.length, 15)
    assert.equal(world.holds.length, 2)
    assert.ok((takenMs[11] ?? 0) <= 10_000 && (takenMs[12] ?? 0) > 10_000)
  })

  it('of another process is asked about again, at its end at the latest', async () => {
    const world = outboxBench()
    Object.assign(world.owed, { by: 'other/1', untilMs: 160 })
    world.deliverForeign([1])
    await turns(3)
    assert.equal(world.clock.nextDueMs(), 160)
    world.owed.untilMs = 100_000
    await world.run(60_000)
    assert.deepEqual(world.offers, [])
    assert.ok(world.holds.length > 8 && world.holds.length < 30, `${world.holds.length}`)

    world.owed.by = 'own'
    await world.run(9_000)
    assert.deepEqual(world.offers, ['c.e.1'])
  })

  it('of another process tells what that has sent, which is done with here', async () => {
    const world = outboxBench()
    Object.assign(world.owed, { by: 'other/1', untilMs: 100_000, through: 2 })
    world.deliverForeign([1, 2])
    world.deliver([3])
    await world.run(0)

    assert.deepEqual(world.offers, ['c.e.3'])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 3])
    assert.equal(world.holds.length, 1)
  })

  it('is of nothing where the conversation is gone, and nothing is sent', async () => {
    const world = outboxBench()
    world.owed.by = null
    world.deliverForeign([1, 2])
    await world.run(0)

    assert.deepEqual(world.offers, [])
    assert.equal(world.outbox.open, 0)
  })

  it('is asked for before a send that follows a failure, too', async () => {
    const world = outboxBench()
    let fails = 2
    world.answer = () => {
      fails -= 1
      return fails >= 0 ? LATER : SENT
    }
    world.deliverForeign([1, 2])
    await world.run(9_000)

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.1', 'c.e.1', 'c.e.2'])
    assert.equal(world.holds.length, 3)
  })

  it('is asked for when the lease of the commit ended while the store was asked', async () => {
    const world = outboxBench()
    world.answer = () => ({ tag: 'later', afterMs: 1_000_000, why: 'planned' })
    world.deliver([1])
    await turns(6)
    let say: (through: number) => void = () => undefined
    world.owed.through = new Promise(resolve => {
      say = resolve
    })
    world.clock.advanceTo(9_900)
    world.outbox.nudge('c')
    await turns(3)
    world.clock.advanceTo(10_100)
    Object.assign(world.owed, { by: 'other/1', untilMs: 100_000 })
    say(0)
    await turns(6)

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.equal(world.holds.length, 1)
  })
  it('that another process was given meanwhile is believed in no more', async () => {
    const world = outboxBench()
    let fails = 1
    world.answer = () => {
      fails -= 1
      return fails >= 0 ? LATER : SENT
    }
    world.deliverForeign([1, 2, 3])
    await turns(6)
    Object.assign(world.owed, { by: 'other/1', untilMs: 100_000, through: 1 })
    await world.run(5_000)

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.deepEqual(world.acknowledged, [['c', 'e', 1]])
  })
  it('that is over here, not yet in the store, is asked for ten times a second', async () => {
    const world = outboxBench()
    Object.assign(world.owed, { by: 'other/1', untilMs: 0 })
    world.deliverForeign([1])
    await world.run(1_000)

    assert.ok(world.holds.length > 1 && world.holds.length <= 11, `${world.holds.length}`)
  })

  it('that was refused often makes no pause after a failure of a send longer', async () => {
    const world = outboxBench()
    Object.assign(world.owed, { by: 'other/1', untilMs: 21_000 })
    world.deliverForeign([1])
    await world.run(20_900)
    assert.ok(world.holds.length > 4)
    world.owed.by = 'own'
    const takenMs: number[] = []
    world.answer = () => {
      takenMs.push(world.clock.nowMs())
      return takenMs.length === 1 ? LATER : SENT
    }
    await world.run(120_000)

    const [failedMs = 0, sentMs = 0] = takenMs
    assert.ok(sentMs > failedMs && sentMs - failedMs <= 600, `${sentMs - failedMs}`)
  })

  it('that is refused uses none of the pace', async () => {
    const world = outboxBench()
    const pace = { everyMs: 1_000_000, burst: 1 }
    world.channel = { ...world.channel!, pacing: { number: pace, member: pace } }
    Object.assign(world.owed, { by: 'other/1', untilMs: 200 })
    world.deliverForeign([1])
    await turns(6)
    assert.equal(world.holds.length, 1)
    world.deliver([1], 'd')
    await turns(6)
    assert.deepEqual(world.offers, ['d.e.1'])

    world.owed.by = 'own'
    world.deliver([2], 'd')
    await world.run(1_000_200)
    assert.deepEqual(world.offers.toSorted(), ['c.e.1', 'd.e.1'])
  })
  it('counts from when it was asked for, however late the answer comes', async () => {
    const world = outboxBench()
    world.answer = async () => {
      await new Promise<void>(resolve => void world.clock.after(900, resolve))
      return SENT
    }
    let say: (through: number) => void = () => undefined
    world.owed.through = new Promise(resolve => {
      say = resolve
    })
    world.deliverForeign(Array.from({ length: 12 }, (_, at) => at + 1))
    await turns(3)
    world.clock.advanceTo(500)
    say(0)
    world.owed.through = 0
    await world.run(9_500)
    assert.equal(world.offers.length, 11)
    assert.equal(world.holds.length, 1)

    await world.run(1_000)
    assert.equal(world.offers.length, 12)
    assert.equal(world.holds.length, 2)
  })

  it('is no word about what came after it, which another process may have sent', async () => {
    const world = outboxBench()
    world.answer = async () => {
      await new Promise<void>(resolve => void world.clock.after(500, resolve))
      return SENT
    }
    world.deliverForeign([1])
    await turns(6)
    world.owed.through = 3
    world.deliverForeign([2, 3])
    await world.run(5_000)

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 3])
  })
})
