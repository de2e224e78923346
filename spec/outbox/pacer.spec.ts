import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Pacer } from '../../lib/outbox/pacer.ts'
import { outboxBench } from '../support/outbox-bench.ts'

/** Most of these times that lie within a span of this length. */
function mostWithin(times: readonly number[], spanMs: number): number {
  return Math.max(0, ...times.map(from => times.filter(t => t >= from && t < from + spanMs).length))
}

describe('a pace', () => {
  it('lets no more go in any span than its burst and what its rate adds', () => {
    const waits = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 9 }),
        waits,
        (everyMs, burst, rests) => {
          const pacer = new Pacer({ everyMs, burst })
          const went: number[] = []
          let nowMs = 0
          for (const restMs of rests) {
            nowMs += restMs
            nowMs += pacer.waitMs('n', nowMs)
            pacer.took('n', nowMs)
            went.push(nowMs)
          }
          for (const spanMs of [everyMs, 5 * everyMs, 20 * everyMs])
            assert.ok(mostWithin(went, spanMs) <= burst + Math.ceil(spanMs / everyMs))
        }
      )
    )
  })

  it('lets a burst go at once after a rest, and is one a name', () => {
    const pacer = new Pacer({ everyMs: 100, burst: 3 })
    for (let n = 0; n < 3; n += 1) {
      assert.equal(pacer.waitMs('a', 0), 0)
      pacer.took('a', 0)
    }
    assert.equal(pacer.waitMs('a', 0), 100)
    assert.equal(pacer.waitMs('b', 0), 0)
    assert.equal(pacer.waitMs('a', 300), 0)
  })

  it('forgets names that are even again, and none that is not', () => {
    const pacer = new Pacer({ everyMs: 10, burst: 1 })
    for (let n = 0; n < 10_000; n += 1) pacer.took(`old${n}`, 0)
    pacer.took('new', 10)
    pacer.took('newer', 10)
    assert.equal(pacer.waitMs('new', 10), 10)
    assert.equal(pacer.waitMs('old1', 10), 0)
  })
})

describe('the outbox of a channel that has a pace', () => {
  const paced = (number: number, member: number, burst = 1) => {
    const world = outboxBench()
    const times: [string, number][] = []
    world.answer = ({ key }) => {
      times.push([key, world.clock.nowMs()])
      return { tag: 'sent', providerId: null }
    }
    const pacing = { number: { everyMs: number, burst: 1 }, member: { everyMs: member, burst } }
    world.channel = { ...world.channel!, pacing }
    return { world, times }
  }

  it('waits for the pace of a member, in order, and lets the others go meanwhile', async () => {
    const { world, times } = paced(0, 6_000, 2)
    world.deliver([1, 2, 3, 4], 'a')
    world.deliver([1], 'b')
    await world.run()

    const of = (name: string) => times.filter(([key]) => key.startsWith(name)).map(([, at]) => at)
    assert.deepEqual(of('a'), [0, 0, 6_000, 12_000])
    assert.deepEqual(of('b'), [0])
    assert.equal(world.clock.waiting, 0)
  })

  it('waits for the pace of the number, whoever is next being first', async () => {
    const { world, times } = paced(100, 0)
    for (const name of ['a', 'b', 'c']) world.deliver([1], name)
    await world.run()

    assert.deepEqual(times, [
      ['a.e.1', 0],
      ['b.e.1', 100],
      ['c.e.1', 200]
    ])
  })

  it('keeps the accounts of a channel apart: one that waits holds no other up', async () => {
    const { world, times } = paced(1_000, 0)
    for (const name of ['a', 'b', 'c']) world.deliver([1], name)
    for (const name of ['x', 'y']) world.deliver([1], name, 'e', 0, 'other')
    await world.run()

    const at = (ms: number) => times.flatMap(([key, atMs]) => (atMs === ms ? [key] : []))
    assert.deepEqual(
      [at(0), at(1_000), at(2_000)],
      [['a.e.1', 'x.e.1'], ['b.e.1', 'y.e.1'], ['c.e.1']]
    )
    assert.equal(world.clock.waiting, 0)
  })

  it('leaves no timer behind when it is stopped', async () => {
    const { world, times } = paced(1_000, 0)
    for (const name of ['a', 'b']) world.deliver([1], name)
    await world.run(10)
    await world.outbox.stop(0)

    assert.equal(times.length, 1)
    assert.equal(world.clock.waiting, 0)
  })

  it('tells how long ago the member wrote, or that nobody knows', async () => {
    const { world } = paced(0, 0)
    const heard: (number | null)[] = []
    world.answer = ({ heardAgoMs }) => {
      heard.push(heardAgoMs)
      return { tag: 'sent', providerId: null }
    }
    world.clock.advanceTo(5_000)
    world.deliver([1], 'a', 'e', 1_000)
    world.deliver([1], 'b')
    await world.run()

    assert.deepEqual(heard, [4_000, null])
  })
})
