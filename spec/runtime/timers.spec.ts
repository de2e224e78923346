import assert from 'node:assert/strict'
import type { Clock } from '../../lib/kernel/clock.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'

/** A node whose wall clock is off by what `skew` says; its monotonic clock is right. */
function skewed({ clock }: World, skew: () => number): Clock {
  return { ...clock, nowMs: () => clock.nowMs() + skew() }
}

const firings = (world: World): { atMs: number; ids: readonly string[] }[] =>
  world.landed
    .filter(({ causes }) => causes.some(id => id.includes('@')))
    .map(({ atMs, causes }) => ({ atMs, ids: causes }))

describe('a timer', () => {
  it('fires once, never early, and within a second or two', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0', 'remind 30000')
    const dueMs = world.clock.nowMs() + 30_000

    await world.pass(120_000)

    const [fired, ...more] = firings(world)
    assert.deepEqual(more, [])
    assert.ok(fired !== undefined && fired.atMs >= dueMs && fired.atMs <= dueMs + 2_000)
    assert.deepEqual(process.channel.texts(), ['1 m0', 'timer m0'])
  })

  it('is never early by the store’s clock, whatever the clock of the node says', async () => {
    for (const hours of [-24, 72]) {
      const world = aWorld()
      let stepMs = 0
      const process = await world.start({ clock: skewed(world, () => stepMs) })
      await process.say('m0', 'remind 30000')
      const dueMs = world.clock.nowMs() + 30_000
      await world.pass(5_000)
      stepMs = hours * 3_600_000

      await world.pass(60_000)

      const [fired, ...more] = firings(world)
      assert.deepEqual(more, [])
      assert.ok(fired !== undefined && fired.atMs >= dueMs && fired.atMs <= dueMs + 2_000)
    }
  })

  it('that is cancelled before it fires never fires', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0', 'remind 5000')
    await world.pass(4_990)
    await process.say('m1', 'cancel')

    await world.pass(60_000)

    assert.deepEqual(firings(world), [])
    assert.equal((await world.model.load(process.chat().id)).dueMs, null)
  })

  it('that falls due while a cancel is queued before it loses to the cancel', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0', 'remind 5000')
    await world.pass(4_000)
    const held = world.store.hold('commit')
    const receipt = process.say('m1', 'cancel')
    await held.arrived
    await world.pass(3_000)
    held.release()
    await world.settle()
    await world.pass(30_000)

    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(firings(world), [])
  })

  it('fires in order with others that are due, and one may cancel the next', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: (state, { kind }) =>
        kind === 'TimerDue'
          ? {
              tag: 'commit',
              next: { ...state, timers: [] },
              replies: [{ kind: 'text', text: 'fired' }],
              call: null,
              audit: []
            }
          : undefined
    })
    const process = await world.start({ bot })
    await process.say('m0', 'remind 3000')
    await process.say('m1', 'remind 3000')

    await world.pass(30_000)

    assert.equal(firings(world).length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1', 'fired'])
  })

  it('fires once although two processes wake for it', async () => {
    const world = aWorld()
    const one = await world.start()
    const two = await world.start()
    await one.say('m0', 'remind 3000')
    await world.pass(2_999)
    const address = { channel: 'chan', account: 'a', user: 'u' }
    world.clock.sleepTo(world.clock.nowMs() + 10)
    one.host.present(address)
    two.host.present(address)

    await world.pass(60_000)

    assert.equal(firings(world).length, 1)
    const chain = (await one.chat().inspect())?.data['chain']
    assert.equal(chain, foldOf(['m0', firings(world)[0]!.ids[0]!]))
  })

  it('that fell due while no process ran fires at the next start', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    await first.say('m0', 'remind 5000')
    await world.settle()
    first.kill()
    world.clock.advanceTo(world.clock.nowMs() + 3_600_000)

    const second = await world.start({ instance: 'two' })
    await world.pass(100)

    assert.equal(firings(world).length, 1)
    assert.deepEqual(second.channel.texts().slice(-1), ['timer m0'])
  })

  it('of a process that restarts under its name is not late by the claim at start', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    await first.say('m0', 'remind 5000')
    const dueMs = world.clock.nowMs() + 5_000
    await world.settle()
    first.kill()

    await world.start({ instance: 'one' })
    await world.pass(20_000)

    const [fired] = firings(world)
    assert.ok(fired !== undefined && fired.atMs <= dueMs + 2_000)
  })

  it('that the bot keeps set although it fired is gone all the same', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: (state, { kind }) =>
        kind === 'TimerDue'
          ? { tag: 'commit', next: state, replies: [], call: null, audit: [] }
          : undefined
    })
    const process = await world.start({ bot })
    await process.say('m0', 'remind 3000')

    await world.pass(60_000)

    assert.equal(firings(world).length, 1)
    assert.equal((await world.model.load(process.chat().id)).dueMs, null)
  })

  it('that the bot ignores stays set and is offered once a lease, not at every sweep', async () => {
    const world = aWorld()
    let offered = 0
    const bot = chainProgram({
      hook: (_state, { kind }) => {
        if (kind !== 'TimerDue') return undefined
        offered += 1
        return { tag: 'ignore', why: 'planned' }
      }
    })
    const process = await world.start({ bot })
    await process.say('m0', 'remind 3000')

    await world.pass(103_000)

    assert.ok(offered >= 9 && offered <= 11, `offered ${offered} times`)
    assert.deepEqual(firings(world), [])
  })

  it('stays set while a call is attached, and fires when that has settled', async () => {
    const world = aWorld()
    const pay = aCall('pay', { timeoutMs: 60_000 })
    const bot = chainProgram({
      calls: { pay: pay.definition },
      hook: (state, { kind }) =>
        kind === 'TimerDue' && state.calls.length > 0
          ? { tag: 'defer', why: 'call', progress: null }
          : undefined
    })
    const process = await world.start({ bot })
    await process.say('m0', 'remind 3000')
    await process.say('m1', 'call pay')
    await world.pass(20_000)
    assert.deepEqual(firings(world), [])

    pay.answer({ outcome: 'ok', output: { n: 1 } })
    await world.pass(12_000)

    assert.equal(firings(world).length, 1)
  })

  it('whose bot throws only now and then has one effect', async () => {
    const world = aWorld()
    let runs = 0
    const bot = chainProgram({
      hook: (_state, { kind }) => {
        if (kind !== 'TimerDue') return undefined
        runs += 1
        if (runs < 3) throw new Error('planned')
        return undefined
      }
    })
    const process = await world.start({ bot })
    await process.say('m0', 'remind 3000')

    await world.pass(60_000)

    assert.equal(runs, 3)
    assert.deepEqual(process.channel.texts(), ['1 m0', 'timer m0'])
  })
})

describe('conversations that are due', () => {
  it('are woken in pages, each within seconds, though many fall due in one second', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { sweepPage: 10 } })
    const users = Array.from({ length: 100 }, (_, n) => `u${n}`)
    await Promise.all(users.map(user => process.say('m0', 'remind 5000', user)))
    await world.settle()

    await world.pass(12_000)

    assert.equal(firings(world).length, users.length)
  })

  it('have their replies go behind what a member is answered', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { sends: 1 } })
    const users = ['a', 'b', 'c']
    for (const user of users) await process.say('m0', 'remind 5000', user)
    await world.pass(1_000)
    const sends: (() => void)[] = []
    process.channel.answer = () => new Promise(resolve => sends.push(() => resolve(SENT)))
    await world.pass(4_500)
    assert.equal(sends.length, 1)

    await process.say('m1', 'hi', 'live')
    for (; sends.length > 0; await world.pass(10)) sends.shift()?.()

    const texts = process.channel.texts().slice(users.length)
    assert.deepEqual(texts, ['timer m0', '1 m1', 'timer m0', 'timer m0'])
  })

  it('do not wait for one that cannot be woken', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0', 'remind 5000', 'stuck')
    await process.say('m0', 'remind 6000', 'fine')
    await world.settle()
    const { id } = process.chat('stuck')
    const load = world.model.load.bind(world.model)
    world.model.load = asked => (asked === id ? new Promise(() => undefined) : load(asked))

    await world.pass(10_000)

    assert.equal(firings(world).length, 1)
  })

  it('are left in peace when their record is of the future: a look a lease', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    await first.say('m0', 'remind 5000')
    await world.settle()
    first.kill()
    const load = world.model.load.bind(world.model)
    let loads = 0
    world.model.load = async asked => {
      loads += 1
      return { ...(await load(asked)), record: 'L99 written by a newer build' }
    }

    const second = await world.start({ instance: 'two' })
    await world.pass(100_000)

    assert.ok(loads < 30, `${loads} loads`)
    assert.ok(second.heard.filter(({ name }) => name === 'alarm').length <= 1)
    assert.deepEqual(firings(world), [])
  })
})
