import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { turns } from '../support/a-world.ts'
import { LATER, type OutboxBench, outboxBench, SENT } from '../support/outbox-bench.ts'

const named = (count: number): string[] => Array.from({ length: count }, (_, n) => `c${n}`)

/** Sends end when they are told to, the longest under way first. */
function held(world: OutboxBench): { readonly end: () => void; most: number; under: number } {
  const ends: (() => void)[] = []
  const counted = { most: 0, under: 0, end: () => ends.shift()?.() }
  world.answer = () => {
    counted.under += 1
    counted.most = Math.max(counted.most, counted.under)
    return new Promise<Sent>(resolve => {
      ends.push(() => {
        counted.under -= 1
        resolve(SENT)
      })
    })
  }
  return counted
}

describe('the room of the outbox', () => {
  it('holds so many sends at one time; the others begin in order as those end', async () => {
    const world = outboxBench(undefined, { sends: 3 })
    const sends = held(world)
    for (const name of named(8)) world.deliver([1], name)
    await turns(3)
    assert.equal(world.outbox.sending, 3)
    assert.equal(world.outbox.open, 8)

    for (let n = 0; n < 8; n += 1) {
      sends.end()
      await turns(3)
    }

    assert.equal(sends.most, 3)
    assert.deepEqual(
      world.offers,
      named(8).map(name => `${name}.e.1`)
    )
    assert.equal(world.outbox.open, 0)
  })

  it('gives a conversation with more to say its next turn behind those that wait', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    world.deliver([1, 2], 'a')
    world.deliver([1, 2], 'b')
    await world.run()

    assert.deepEqual(world.offers, ['a.e.1', 'b.e.1', 'a.e.2', 'b.e.2'])
  })

  it('gives each account of the channel its turn, however many wait in one of them', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    for (const name of named(4)) world.deliver([1], name)
    for (const name of ['x', 'y']) world.deliver([1], name, 'e', 0, 'other')
    await world.run()

    const order = ['c0', 'c1', 'x', 'c2', 'y', 'c3']
    assert.deepEqual(
      world.offers,
      order.map(name => `${name}.e.1`)
    )
  })

  it('has who is awaited go first, and after seven of those one of the others', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    for (const name of ['first', 'woken', 'late']) world.deliver([1], name)
    for (const name of named(16)) world.answerTo(name)
    assert.equal(world.outbox.open, 19)
    await world.run()

    const live = named(16)
    const order = [
      'first',
      ...live.slice(0, 7),
      'woken',
      ...live.slice(7, 14),
      'late',
      'c14',
      'c15'
    ]
    assert.deepEqual(
      world.offers,
      order.map(name => `${name}.e.1`)
    )
    assert.equal(world.outbox.open, 0)
  })

  it('has one that waits go first once somebody awaits what it says', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    for (const name of named(4)) world.deliver([1], name)
    world.answerTo('c3')
    await world.run()

    assert.deepEqual(
      world.offers,
      ['c0', 'c3', 'c1', 'c2'].map(name => `${name}.e.1`)
    )
  })

  it('is as large as the channel says, where it says so', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    world.channel = world.channel === undefined ? undefined : { ...world.channel, sendsAtOnce: 5 }
    const sends = held(world)

    for (const name of named(8)) world.deliver([1], name)
    await turns(3)

    assert.equal(sends.under, 5)
  })

  it('is not taken by those in a pause', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    world.answer = ({ key }) => (key.startsWith('away') ? LATER : SENT)

    for (const name of named(20)) world.deliver([1], `away${name}`)
    world.deliver([1], 'c')
    await world.run(50)

    assert.deepEqual(
      world.acknowledged.map(([conversation]) => conversation),
      ['c']
    )
  })

  it('lets go of the longest pause when there are too many conversations', async () => {
    const world = outboxBench(undefined, { lanes: 3 })
    world.answer = () => LATER
    for (const name of named(3)) {
      world.deliver([1], name)
      await turns(3)
    }
    const waiting = world.clock.waiting

    world.deliver([1], 'c3')
    await turns(3)
    world.answer = () => SENT
    await world.run()

    assert.equal(waiting, 3)
    assert.deepEqual(world.acknowledged.map(([conversation]) => conversation).toSorted(), [
      'c1',
      'c2',
      'c3'
    ])
    assert.equal(world.clock.waiting, 0)
  })

  it('lets go of the newest conversation when none is in a pause, and takes it later', async () => {
    const world = outboxBench(undefined, { sends: 1, lanes: 2 })
    const sends = held(world)
    for (const name of named(3)) world.deliver([1], name)
    await turns(3)
    assert.equal(world.outbox.open, 2)
    sends.end()
    await turns(3)
    sends.end()
    await turns(3)

    world.deliver([1], 'c2')
    await turns(3)

    assert.deepEqual(world.offers, ['c0.e.1', 'c1.e.1', 'c2.e.1'])
  })

  it('keeps an eighth of it for who is awaited when a crowd fills it', async () => {
    const world = outboxBench(undefined, { sends: 1, lanes: 8 })
    const sends = held(world)
    for (const name of named(20)) world.deliver([1], name)
    assert.equal(world.outbox.open, 7)

    world.answerTo('live')
    world.answerTo('late')
    assert.equal(world.outbox.open, 8)
    for (let n = 0; n < 2; n += 1) {
      sends.end()
      await turns(3)
    }

    assert.deepEqual(world.offers.slice(0, 2), ['c0.e.1', 'live.e.1'])
  })

  it('forgets a conversation that waits for its turn', async () => {
    const world = outboxBench(undefined, { sends: 1 })
    const sends = held(world)
    for (const name of named(3)) world.deliver([1], name)
    await turns(3)

    world.outbox.forget('c1')
    sends.end()
    await turns(3)

    assert.deepEqual(world.offers, ['c0.e.1', 'c2.e.1'])
  })

  it('is emptied by a stop within its grace, those that wait for a turn included', async () => {
    const world = outboxBench(undefined, { sends: 2 })
    for (const name of named(9)) world.deliver([1, 2], name)

    const stopped = world.outbox.stop(5_000)
    await world.run()
    await stopped

    assert.equal(world.offers.length, 18)
    assert.equal(world.outbox.open, 0)
    assert.equal(world.clock.waiting, 0)
  })
})

describe('what the outbox tells', () => {
  it('is each alarm with its cause, and each send that shows it over', async () => {
    const world = outboxBench()
    const answers: Sent[] = [{ tag: 'later', afterMs: 0, why: 'planned', alarm: true }, LATER]
    world.answer = () => answers.shift() ?? SENT

    world.deliver([1])
    await world.run()

    assert.deepEqual(world.told, [
      ['alarm', 'c', 'chan', 'planned'],
      ['sent', 'chan']
    ])
  })

  it('is each reply that was given up, by its key', async () => {
    const world = outboxBench()
    world.answer = ({ key }) =>
      key === 'c.e.1' ? { tag: 'refused', why: 'code 131026: undeliverable' } : SENT

    world.deliver([1, 2])
    await world.run()

    assert.deepEqual(world.told, [
      ['undeliverable', 'c', 'chan', 'c.e.1', 'code 131026: undeliverable', 'true'],
      ['refused', 'c', 'c.e.1'],
      ['sent', 'chan']
    ])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 2])
  })
})
