import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { readReplyRow, replyRow } from '../../lib/runtime/rows.ts'
import { ADDRESS, aWorld, type Process, until, type World } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

const AWAY: Sent = { tag: 'later', afterMs: 600_000, why: 'nobody is connected' }
/** The channels of a world give a send up after 1 s; an acknowledgement has as long. */
const SEND_MS = 1_000
const REST_MS = 2 * SEND_MS

const holds = ({ store }: World): number =>
  store.calls.filter(({ call }) => call === 'holdReplies').length

const sentBy = ({ offers }: World): string[] =>
  offers.filter(({ ended }) => ended === 'sent').map(({ by }) => by)

/** What a process logged about the leases of replies. */
const told = ({ log }: Process): string[] =>
  log
    .filter(line => line.includes('"reply.lease"'))
    .map(line => {
      const read = JSON.parse(line.slice(0, line.indexOf('}') + 1)) as LeaseLine
      assert.ok(read.ageMs >= 0)
      return `${read.what} ${read.holder.replace(/\/.*/, '')}: ${read.reason}`
    })

interface LeaseLine {
  readonly what: string
  readonly reason: string
  readonly holder: string
  readonly ageMs: number
}

/** Offers by a process while another one was at the same reply. */
const beside = ({ offers }: World): string[] =>
  offers.flatMap(one =>
    offers
      .filter(({ key, by, atMs }) => key === one.key && by !== one.by && atMs > one.atMs)
      .filter(({ atMs }) => atMs < one.atMs + SEND_MS)
      .map(({ by, atMs }) => `${one.by} ${one.atMs}, ${by} ${atMs}`)
  )

const slowly = (world: World) => (): Promise<Sent> =>
  new Promise(resolve => {
    world.clock.after(800, () => resolve(SENT))
  })

describe('a reply whose send begins about when its lease ends', () => {
  const LEASE_MS = 2_000
  const limits = { leaseMs: LEASE_MS, sweepEveryMs: 200 }
  for (const sinceMs of [1_100, 1_500, 1_900, 2_300, 2_900, 3_500, 3_900, 4_000, 4_100, 4_900])
    it(`is sent by one process only (${sinceMs} ms after its commit)`, async () => {
      const world = aWorld()
      const one = await world.start({ instance: 'one', limits })
      const two = await world.start({ instance: 'two', limits })
      const startMs = world.clock.nowMs()
      const answer = slowly(world)
      one.channel.answer = () => {
        const agoMs = world.clock.nowMs() - startMs
        return agoMs < sinceMs ? { tag: 'later', afterMs: 100, why: 'planned' } : answer()
      }
      two.channel.answer = answer
      await until(world.clock, one.say('m1'))
      world.clock.after(sinceMs, () => one.host.present({ ...ADDRESS }))
      two.host.present({ ...ADDRESS })
      await world.pass(30_000)

      assert.equal(sentBy(world).length, 1)
      assert.deepEqual(beside(world), [])
    })
})

describe('the lease of a reply', () => {
  it('is that of its commit at first: nothing is asked of the store', async () => {
    const world = aWorld()
    const one = await world.start()
    await one.say('m0')
    await one.say('m1')
    await world.pass(9_000)

    assert.deepEqual(sentBy(world), ['p0', 'p0'])
    assert.equal(holds(world), 0)
    assert.deepEqual(told(one), [])
  })

  it('is asked of the store after that, once for all that wait', async () => {
    const world = aWorld()
    const one = await world.start()
    one.channel.answer = () => AWAY
    for (const id of ['m0', 'm1', 'm2', 'm3']) await one.say(id)
    await world.pass(10_100)
    one.channel.answer = () => SENT
    one.host.present({ ...ADDRESS })
    await world.pass(500)

    assert.deepEqual(one.channel.texts(), ['1 m0', '2 m1', '3 m2', '4 m3'])
    assert.equal(holds(world), 1)
    assert.deepEqual(told(one), ['taken p0: the lease of its commit is over'])
  })

  it('leaves time for acknowledgements to be written together', async () => {
    const world = aWorld()
    const one = await world.start()
    one.channel.answer = () => AWAY
    for (let nth = 0; nth < 20; nth += 1) await one.say(`m${nth}`)
    await world.pass(11_000)
    one.channel.answer = () =>
      new Promise(resolve => void world.clock.after(20, () => resolve(SENT)))
    const before = world.store.calls.length
    one.host.present({ ...ADDRESS })
    await world.pass(3_000)

    assert.equal(one.channel.texts().length, 20)
    const since = world.store.calls.slice(before)
    assert.ok(since.filter(({ call }) => call === 'acknowledged').length <= 3)
  })

  it('is taken over by another process when that of the commit has ended', async () => {
    const world = aWorld()
    const one = await world.start({ instance: 'one' })
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    const saidMs = world.clock.nowMs()
    one.kill()
    const two = await world.start({ instance: 'two' })
    await world.pass(30_000)

    const [offer] = world.offers.filter(({ by }) => by === 'two')
    const afterMs = (offer?.atMs ?? 0) - saidMs
    assert.ok(afterMs >= 10_000 + REST_MS && afterMs <= 10_000 + REST_MS + 1_100, `${afterMs}`)
    assert.deepEqual(told(two), ['takeover one: the lease of its commit is over'])
  })

  for (const acknowledgeWithinMs of [500, 5_000])
    it(`is over when it ends, also before a younger one (${acknowledgeWithinMs} ms)`, async () => {
      const world = aWorld()
      const limits = { acknowledgeWithinMs }
      const one = await world.start({ instance: 'one', limits })
      one.channel.answer = () => new Promise(() => undefined)
      await one.say('m0')
      const saidMs = world.clock.nowMs()
      await world.pass(8_500)
      await one.say('m1')
      one.kill()
      const two = await world.start({ instance: 'two', limits })
      await world.pass(60_000)

      const [offer] = world.offers.filter(({ by }) => by === 'two')
      const afterMs = (offer?.atMs ?? 0) - saidMs
      const endMs = 10_000 + SEND_MS + 2 * acknowledgeWithinMs
      assert.ok(afterMs >= endMs && afterMs <= endMs + 1_100, `${afterMs}`)
      assert.deepEqual(two.channel.texts(), ['1 m0', '2 m1'])
    })

  it('is no longer for the next life of its process', async () => {
    const world = aWorld()
    const limits = { leaseMs: 4_000, sweepEveryMs: 200 }
    const one = await world.start({ instance: 'one', limits })
    one.channel.answer = () => AWAY
    await until(world.clock, one.say('m1'))
    const atMs = world.clock.nowMs()
    await world.pass(3_000)
    one.kill()
    world.clock.advanceTo(world.clock.nowMs() + 1)
    const again = world.made({ instance: 'one', limits })
    again.channel.answer = () => AWAY
    await until(world.clock, again.runtime.start())
    again.host.present({ ...ADDRESS })
    const two = await world.start({ instance: 'two', limits })
    two.channel.answer = slowly(world)
    await world.pass(500)
    world.clock.after(atMs + 5_700 - world.clock.nowMs(), () => {
      again.channel.answer = slowly(world)
      again.host.present({ ...ADDRESS })
    })
    world.clock.after(atMs + 6_010 - world.clock.nowMs(), () => two.host.present({ ...ADDRESS }))
    await world.pass(20_000)

    assert.equal(sentBy(world).length, 1)
    assert.deepEqual(beside(world), [])
  })

  it('keeps the others waiting, who go on when it ends', async () => {
    const world = aWorld()
    const one = await world.start({ instance: 'one' })
    const two = await world.start({ instance: 'two' })
    one.channel.answer = () => AWAY
    two.channel.answer = () => AWAY
    await one.say('m0')
    await world.pass(40_000)
    one.channel.answer = () => new Promise(() => undefined)
    two.channel.answer = () => SENT
    one.host.present({ ...ADDRESS })
    await world.pass(100)
    const heldMs = world.clock.nowMs()
    one.kill()
    two.host.present({ ...ADDRESS })
    await world.pass(30_000)

    assert.deepEqual(sentBy(world), ['two'])
    const atMs = (world.offers.at(-1)?.atMs ?? 0) - heldMs
    assert.ok(atMs > 10_000 && atMs <= 10_000 + REST_MS, `${atMs}`)
    assert.ok(told(two).includes('refused one: another process sends'))
  })

  it('is taken over at once by a process that is started again', async () => {
    const world = aWorld()
    const one = await world.start({ instance: 'one' })
    one.channel.answer = () => AWAY
    await one.say('m0')
    await world.pass(40_000)
    one.channel.answer = () => new Promise(() => undefined)
    one.host.present({ ...ADDRESS })
    await world.pass(100)
    one.kill()
    const again = await world.start({ instance: 'one' })
    again.host.present({ ...ADDRESS })
    await world.pass(1_000)

    assert.deepEqual(again.channel.texts(), ['1 m0'])
  })

  it('is asked for at once where no process sends by itself, and given to one', async () => {
    const world = aWorld()
    const commit = world.model.commit.bind(world.model)
    // As an operator beside the processes commits.
    const ofNobody = (row: string): string => replyRow({ ...readReplyRow(row), by: '' })
    world.model.commit = (id, asked) =>
      commit(id, { ...asked, replies: asked.replies.map(ofNobody) })
    const one = await world.start({ instance: 'one' })
    one.channel.answer = () => new Promise(() => undefined)
    await one.say('m0')
    one.kill()
    const others = [
      await world.start({ instance: 'two' }),
      await world.start({ instance: 'three' })
    ]
    for (const { channel, host } of others) {
      channel.answer = slowly(world)
      host.present({ ...ADDRESS })
    }
    await world.pass(3_000)

    assert.equal(sentBy(world).length, 1)
    assert.deepEqual(world.offers.length, 2)
  })

  it('is not there while the store does not answer, or answers too late', async () => {
    const world = aWorld()
    const one = await world.start({ limits: { leaseMs: 2_000 } })
    one.channel.answer = () => AWAY
    await one.say('m0')
    await world.pass(15_000)
    one.channel.answer = () => SENT
    world.store.plan('holdReplies', { fail: 'after' })
    world.store.plan('holdReplies', { delayMs: 2_500 })
    one.host.present({ ...ADDRESS })
    await world.pass(50)
    assert.deepEqual(one.channel.texts(), [])
    await world.pass(10_000)

    assert.deepEqual(one.channel.texts(), ['1 m0'])
    assert.equal(holds(world), 3)
  })
})
