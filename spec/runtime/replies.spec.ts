import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

const LATER: Sent = { tag: 'later', afterMs: 0, why: 'planned' }

const undelivered = async (world: World, process: Process): Promise<number> =>
  (await world.model.load(process.chat().id)).undelivered.length

describe('committed replies', () => {
  it('are sent in order per conversation under any retries, never two at once', async () => {
    const world = aWorld()
    const process = await world.start()
    const random = seededRandom(7)
    process.channel.answer = () => {
      const draw = random.fraction()
      if (draw < 0.3) return LATER
      if (draw < 0.4) throw new Error('planned')
      if (draw < 0.45) return new Promise<Sent>(() => undefined)
      return SENT
    }

    for (let n = 0; n < 12; n += 1) {
      void process.say(`m${n}`, 'say 2')
      if (n % 4 === 0) await world.pass(3_000)
    }
    await world.settle()

    const sent = world.offers.filter(({ ended }) => ended === 'sent')
    assert.deepEqual(
      sent.map(({ sequence }) => sequence),
      Array.from({ length: 24 }, (_, n) => n + 1)
    )
    assert.ok(world.offers.length > sent.length)
    const firsts = [...new Set(world.offers.map(({ sequence }) => sequence))]
    assert.deepEqual(
      firsts,
      firsts.toSorted((one, other) => one - other)
    )
    // An offer that never ends is given up at its limit; every other one has ended by then.
    const hung = world.offers.filter(({ ended }) => ended === null).length
    assert.ok(hung > 0)
    for (const { besides } of world.offers) assert.ok(besides <= hung)
    assert.equal(await undelivered(world, process), 0)
  })

  it('do not hold up those of another conversation', async () => {
    const world = aWorld()
    const process = await world.start()
    const { id } = process.chat('stuck')
    process.channel.answer = ({ key }) => (key.startsWith(id) ? LATER : SENT)

    await process.say('m0', 'hi', 'stuck')
    await process.say('m1', 'hi', 'fine')
    await world.pass(100)

    assert.deepEqual(process.channel.texts(), ['1 m1'])
  })

  it('bear the same key in every offer, also after restarts', async () => {
    const world = aWorld()
    let process = await world.start({ instance: 'one' })
    process.channel.answer = () => LATER
    await process.say('m0')
    for (let life = 0; life < 3; life += 1) {
      await world.pass(2_000)
      process.kill()
      process = world.made({ instance: 'one' })
      process.channel.answer = () => LATER
      await process.runtime.start()
      await world.pass(2_000)
    }
    process.channel.answer = () => SENT
    await world.settle()

    assert.ok(world.offers.length > 4)
    assert.equal(new Set(world.offers.map(({ key }) => key)).size, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('are acknowledged by the next commit when that comes soon', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.pass(50)
    await process.say('m1')

    assert.equal(await undelivered(world, process), 1)
    assert.equal(world.store.calls.filter(({ call }) => call === 'acknowledged').length, 0)
  })

  it('are acknowledged within a second when nothing else is committed', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    assert.equal(await undelivered(world, process), 1)

    await world.pass(1_000)

    assert.equal(await undelivered(world, process), 0)
    assert.equal(world.store.calls.filter(({ call }) => call === 'acknowledged').length, 1)
    assert.deepEqual(process.runtime.activity(), {
      events: 0,
      calls: 0,
      sends: 0,
      acknowledgements: 0
    })
  })

  it('are not sent twice when their acknowledgement fails and memory is dropped', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('acknowledged', { fail: 'before' }, { times: 4 })
    await process.say('m0')
    await world.pass(1_200)
    // The turn is given up, and with it what the actor remembers.
    world.store.plan('commit', { fail: 'before' }, { times: 1_000 })
    const shed = process.say('m1')
    await world.settle()
    assert.equal((await shed).tag, 'shed')
    world.store.heal()

    const receipt = process.say('m2')
    await world.settle()
    await world.pass(30_000)

    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(
      world.offers.map(({ text }) => text),
      ['1 m0', '2 m2']
    )
    assert.equal(await undelivered(world, process), 0)
  })

  it('that a former life committed go out before newer ones, and none is left out', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    first.channel.answer = () => new Promise(() => undefined)
    await first.say('m0')
    await first.say('m1')
    first.kill()
    const second = world.made({ instance: 'one' })
    // No sweep at start: the next message is quicker.
    world.store.plan('claimOwn', { fail: 'before' })
    await second.runtime.start()

    const receipt = second.say('m2')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(second.channel.texts(), ['1 m0', '2 m1', '3 m2'])
    assert.equal(await undelivered(world, second), 0)
  })

  it('of another process come first, and ours wait for them while its lease runs', async () => {
    const world = aWorld()
    const one = await world.start()
    const two = await world.start()
    let release: (sent: Sent) => void = () => undefined
    one.channel.answer = () =>
      new Promise(resolve => {
        release = resolve
      })
    await one.say('m0')

    await two.say('m1')
    await world.pass(900)
    assert.deepEqual(two.channel.texts(), [])
    release(SENT)
    await world.settle()
    await world.pass(3_000)

    assert.deepEqual(
      world.offers.map(({ by, text }) => [by, text]),
      [
        ['p0', '1 m0'],
        ['p1', '2 m1']
      ]
    )
    assert.equal(await undelivered(world, two), 0)
  })

  it('of a process that died are sent by another when its lease has ended, in order', async () => {
    const world = aWorld()
    const one = await world.start()
    const two = await world.start()
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    one.kill()
    const diedMs = world.clock.nowMs()

    await two.say('m1')
    await world.pass(9_000)
    assert.deepEqual(two.channel.texts(), [])
    await world.pass(5_000)

    assert.deepEqual(two.channel.texts(), ['1 m0', '2 m1'])
    const took = world.offers.filter(({ by }) => by === 'p1')
    for (const { atMs } of took) assert.ok(atMs >= diedMs + 9_000)
    assert.equal(await undelivered(world, two), 0)
  })

  it('that another process has sent meanwhile are not offered again after a pause', async () => {
    const world = aWorld()
    const one = await world.start({ limits: { sweepEveryMs: 3_600_000 } })
    const two = await world.start()
    one.channel.answer = () => ({ tag: 'later', afterMs: 40_000, why: 'away' })
    await one.say('m0')
    await world.pass(20_000)
    assert.deepEqual(two.channel.texts(), ['1 m0'])
    one.channel.answer = () => SENT

    await world.pass(60_000)

    assert.equal(world.offers.filter(({ ended }) => ended === 'sent').length, 1)
    assert.equal(one.runtime.activity().sends, 0)
  })

  it('that the channel refuses for good are logged, given up, and hold nothing up', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = ({ reply }) =>
      'text' in reply && reply.text === '1 m0' ? { tag: 'refused', why: 'blocked' } : SENT

    await process.say('m0')
    await process.say('m1')
    await world.settle()

    assert.deepEqual(process.channel.texts(), ['2 m1'])
    assert.equal(await undelivered(world, process), 0)
    assert.ok(process.log.some(line => line.includes('outbox.refused')))
  })

  it('go out at once when somebody is listening again', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => ({ tag: 'later', afterMs: 3_600_000, why: 'away' })
    await process.say('m0')
    await world.pass(20_000)
    process.channel.answer = () => SENT

    const atMs = world.clock.nowMs()
    process.host.present({ channel: 'chan', account: 'a', user: 'u' })
    await world.settle()

    assert.deepEqual(process.channel.texts(), ['1 m0'])
    assert.ok(world.clock.nowMs() - atMs < 2_000)
  })

  it('stop nothing when the word of their sending finds no store', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('acknowledged', { fail: 'after' }, { times: 3 })

    await process.say('m0')
    await world.settle()

    assert.equal(await undelivered(world, process), 0)
    assert.equal(world.offers.length, 1)
  })

  it('leave no conversation that is woken for ever', async () => {
    const world = aWorld()
    const process = await world.start()
    for (let n = 0; n < 5; n += 1) {
      await process.say(`m${n}`)
      await world.pass(490)
    }
    await world.settle()
    await world.pass(30_000)
    const before = world.store.calls.length

    await world.pass(60_000)

    const since = world.store.calls.slice(before).map(({ call }) => call)
    // What looks at the time, at what is due and at the index wakes nobody.
    const looks = ['time', 'claimDue', 'list', 'export', 'keepProcess']
    assert.deepEqual(
      since.filter(call => !looks.includes(call)),
      []
    )
    assert.equal((await world.model.load(process.chat().id)).dueMs, null)
  })

  it('that have gone let nobody look at the conversation again', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.pass(2_000)
    const loads = (): number => world.store.calls.filter(({ call }) => call === 'load').length
    const before = loads()

    await world.pass(30_000)

    assert.equal(loads(), before)
    assert.equal((await world.model.load(process.chat().id)).dueMs, null)
  })
})
