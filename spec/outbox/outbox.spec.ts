import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { turns } from '../support/a-world.ts'
import { LATER, outboxBench, SENT } from '../support/outbox-bench.ts'

describe('the outbox', () => {
  it('offers rows in order, one after the other, and acknowledges through each', async () => {
    const { deliver, run, offers, acknowledged, outbox, clock } = outboxBench()

    deliver([1, 2, 3])
    assert.equal(outbox.sending, 1)
    await run()

    assert.deepEqual(offers, ['c.e.1', 'c.e.2', 'c.e.3'])
    assert.deepEqual(acknowledged, [
      ['c', 'e', 1],
      ['c', 'e', 2],
      ['c', 'e', 3]
    ])
    assert.equal(outbox.open, 0)
    assert.equal(clock.waiting, 0)
  })

  it('passes over rows that it has queued already', async () => {
    const { deliver, run, offers } = outboxBench()

    deliver([1, 2])
    deliver([1, 2, 3])
    deliver([])
    await run()

    assert.deepEqual(offers, ['c.e.1', 'c.e.2', 'c.e.3'])
  })

  it('offers a row again under its key after growing pauses; those behind it wait', async () => {
    const world = outboxBench()
    const times: number[] = []
    world.answer = ({ key }) => {
      if (key === 'c.e.1') times.push(world.clock.nowMs())
      return times.length < 6 ? LATER : SENT
    }

    world.deliver([1, 2])
    await world.run()

    assert.deepEqual(world.offers, [...Array.from({ length: 6 }, () => 'c.e.1'), 'c.e.2'])
    for (const [index, atMs] of times.slice(1).entries()) {
      const pauseMs = atMs - (times[index] ?? 0)
      assert.ok(pauseMs >= 100 && pauseMs <= 100 + 500 * 2 ** index)
    }
  })

  it('keeps to the pause the channel asks for, and a nudge ends it', async () => {
    const world = outboxBench()
    let first = true
    world.answer = () => {
      if (!first) return SENT
      first = false
      return { tag: 'later', afterMs: 90_000, why: 'away' }
    }
    world.deliver([1])
    await world.run(89_000)
    assert.equal(world.offers.length, 1)
    world.deliver([2])
    await world.run(0)
    assert.equal(world.offers.length, 1)

    world.outbox.nudge('c')
    world.outbox.nudge('nobody')
    await world.run(0)

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.1', 'c.e.2'])
    assert.equal(world.clock.waiting, 0)
  })

  it('takes a throw, a rejection and a channel that is not mounted for later', async () => {
    const world = outboxBench()
    let turn = 0
    world.answer = () => {
      turn += 1
      if (turn === 1) throw new Error('planned')
      if (turn === 2) return Promise.reject(new Error('planned'))
      return SENT
    }
    const { channel } = world
    world.channel = undefined
    world.deliver([1])
    await world.run(50)
    world.channel = channel
    await world.run()

    assert.equal(world.offers.length, 3)
    assert.deepEqual(world.acknowledged, [['c', 'e', 1]])
  })

  it('gives an offer up at the limit of the channel, also when the channel does not', async () => {
    const world = outboxBench()
    const signals: AbortSignal[] = []
    world.answer = (_outgoing, signal) => {
      signals.push(signal)
      return signals.length < 3 ? new Promise(() => undefined) : SENT
    }

    world.deliver([1])
    await world.run()

    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true, false]
    )
    assert.deepEqual(world.acknowledged, [['c', 'e', 1]])
    assert.equal(world.clock.waiting, 0)
  })

  it('asks before it offers again whether another process has sent the row', async () => {
    const world = outboxBench()
    world.answer = () => LATER
    world.deliver([1, 2])
    await world.run(10)
    world.answer = () => SENT
    world.owed.through = 1

    await world.run()

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.2'])
    assert.deepEqual(world.acknowledged.at(-1), ['c', 'e', 2])
  })

  it('offers again what failed, is still its own, and of which nobody can say more', async () => {
    const world = outboxBench()
    world.answer = () => LATER
    world.deliver([1])
    await world.run(10)
    world.answer = () => SENT
    world.owed.through = new Error('planned')

    await world.run()

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.1'])
  })

  it('drops rows of an incarnation that is gone, and sends those of the next', async () => {
    const world = outboxBench()
    world.answer = () => LATER
    world.deliver([1, 2], 'c', 'old')
    await world.run(10)
    world.answer = () => SENT

    world.deliver([1], 'c', 'new')
    await world.run()

    assert.deepEqual(world.offers, ['c.old.1', 'c.new.1'])
    assert.deepEqual(world.acknowledged, [['c', 'new', 1]])
  })

  it('forgets rows on demand: a send under way counts for nothing', async () => {
    const world = outboxBench()
    let end: (sent: Sent) => void = () => undefined
    world.answer = ({ key }) =>
      key === 'c.e.1' && world.offers.length === 1
        ? new Promise(resolve => {
            end = resolve
          })
        : SENT
    world.deliver([1, 2])
    await turns(3)

    world.outbox.forget('c')
    world.outbox.forget('nobody')
    world.deliver([1])
    await turns(3)
    assert.deepEqual(world.offers, ['c.e.1'])
    end(SENT)
    await world.run()

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.1'])
    assert.deepEqual(world.acknowledged, [['c', 'e', 1]])
  })

  it('goes on with the other rows although the word of one fails', async () => {
    let failing = true
    const world = outboxBench(() => {
      if (!failing) return
      failing = false
      throw new Error('planned')
    })

    world.deliver([1, 2])
    await world.run()

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.2'])
    assert.match(world.failures.join(), /^Error: planned$/)
  })

  it('stops after the sends under way, and leaves no timer', async () => {
    const world = outboxBench()
    world.answer = ({ key }) => (key.startsWith('away') ? LATER : SENT)
    world.deliver([1], 'away')
    world.deliver([1, 2, 3], 'c')
    await turns(1)

    const stopped = world.outbox.stop(5_000)
    await world.run()
    await stopped
    world.deliver([4], 'c')
    await world.run()

    assert.equal(world.offers.filter(key => key.startsWith('c.')).length, 3)
    assert.ok(world.clock.nowMs() < 5_000)
    assert.equal(world.clock.waiting, 0)
    assert.equal(world.outbox.open, 0)
  })

  it('aborts what is still under way when the grace is over', async () => {
    const world = outboxBench()
    let aborted = false
    world.answer = (_outgoing, signal) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise(() => undefined)
    }
    world.deliver([1])
    await turns(3)

    const stopped = world.outbox.stop(200)
    await world.run()
    await stopped

    assert.equal(aborted, true)
    assert.deepEqual(world.acknowledged, [])
    assert.equal(world.clock.waiting, 0)
  })

  it('asks first, half a lease late: a process that froze sends what it had begun', async () => {
    const world = outboxBench()
    let release: (sent: Sent) => void = () => undefined
    world.answer = () =>
      new Promise<Sent>(resolve => {
        release = resolve
      })
    world.deliver([1, 2, 3])
    await turns(3)
    // Frozen in the middle of the first send; another process has sent all of them meanwhile.
    world.channel = { ...world.channel!, sendTimeoutMs: 60_000 }
    world.owed.through = 3
    world.clock.advanceTo(world.clock.nowMs() + 900)
    release(SENT)
    world.clock.advanceTo(world.clock.nowMs() + 30_000)
    await world.run()

    assert.deepEqual(world.offers, ['c.e.1'])
    assert.deepEqual(world.acknowledged.at(-1)?.slice(0, 2), ['c', 'e'])
    assert.equal(world.outbox.open, 0)
  })

  it('sends what waited for long and was not taken, each once', async () => {
    const world = outboxBench()
    world.answer = () => LATER
    world.deliver([1, 2])
    await world.run(10)
    world.answer = () => SENT
    world.clock.advanceTo(world.clock.nowMs() + 30_000)
    await world.run()

    assert.deepEqual(world.offers, ['c.e.1', 'c.e.1', 'c.e.2'])
  })
})
