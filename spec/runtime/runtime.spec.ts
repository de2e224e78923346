import assert from 'node:assert/strict'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { faultyStore } from '../../lib/testing/faulty-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aCall } from '../support/a-call.ts'
import { ADDRESS, aWorld, turns, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'

describe('a runtime that is made', () => {
  it('has touched nothing: no store call, no timer', () => {
    const clock = simulatedClock({ startMs: 0 })
    const store = faultyStore(memoryStore({ clock }), { clock })

    const runtime = createRuntime({ bot: chainProgram(), store, clock })

    assert.deepEqual(store.calls, [])
    assert.equal(clock.waiting, 0)
    assert.equal(runtime.ready, false)
    assert.deepEqual(runtime.activity(), { events: 0, calls: 0, sends: 0, acknowledgements: 0 })
  })

  it('refuses what it could not run with, by name', () => {
    const world = aWorld()

    assert.throws(() => world.made({ instance: 'a b' }), /CHP_SETTING_INVALID/)
    assert.throws(() => world.made({ policy: { restarts: -1 } as never }), /CHP_POLICY_INVALID/)
  })

  it('sheds messages, names no conversation and inspects none before it has started', async () => {
    const process = aWorld().made()

    assert.throws(() => process.chat(), /CHP_NOT_STARTED/)
    assert.deepEqual(await process.host.receive(heard('m0')), {
      tag: 'shed',
      reason: 'new',
      retryAfterMs: 1_000
    })
    process.host.present(ADDRESS)
    void process.host.status({ address: ADDRESS, providerId: 'x', status: 'read', code: null })
  })
})

describe('start()', () => {
  it('opens the store and takes messages from then on', async () => {
    const world = aWorld()
    const process = world.made()

    await process.runtime.start()

    assert.equal(process.runtime.ready, true)
    assert.equal((await process.say('m0')).tag, 'committed')
  })

  it('is refused the second time, also while the first is under way', async () => {
    const process = aWorld().made()
    const first = process.runtime.start()

    await assert.rejects(process.runtime.start(), /CHP_NOT_STARTED.*starting/)
    await first
    await assert.rejects(process.runtime.start(), /CHP_NOT_STARTED.*started/)
    assert.equal((await process.say('m0')).tag, 'committed')
  })

  it('that fails leaves nothing running and may be tried again', async () => {
    const world = aWorld()
    const process = world.made()
    world.store.plan('open', { fail: 'before', code: 'CHP_STORE_UNFIT' })
    world.store.plan('time', { fail: 'before' })

    await assert.rejects(process.runtime.start(), /CHP_STORE_UNFIT/)
    await assert.rejects(process.runtime.start(), /CHP_STORE_UNAVAILABLE/)
    assert.equal(process.runtime.ready, false)
    assert.equal(world.clock.waiting, 0)
    await process.runtime.start()

    assert.equal((await process.say('m0')).tag, 'committed')
  })

  it('does not fail because the takeover does', async () => {
    const world = aWorld()
    const process = world.made()
    world.store.plan('claimOwn', { fail: 'before' })
    world.store.plan('claimDue', { fail: 'before' })

    await process.runtime.start()

    assert.equal((await process.say('m0')).tag, 'committed')
    assert.ok(process.log.some(line => line.includes('sweep.failed')))
  })

  it('takes over all that the life before left, more than a page of it', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    first.channel.answer = () => new Promise(() => undefined)
    const users = Array.from({ length: 25 }, (_, n) => `u${n}`)
    await Promise.all(users.map(user => first.say('m0', 'hi', user)))
    first.kill()

    const second = await world.start({ instance: 'one', limits: { sweepPage: 4 } })
    await turns(10)

    assert.equal(second.channel.texts().length, users.length)
  })
})

describe('stop()', () => {
  it('finishes the turns under way, sends their replies, sheds what is new', async () => {
    const world = aWorld()
    const process = await world.start()
    const receipts = ['m0', 'm1', 'm2'].map(id => process.say(id))

    const stopped = process.runtime.stop()
    const late = await process.say('m3')
    await until(world.clock, stopped)

    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'committed')
    assert.deepEqual(late, { tag: 'shed', reason: 'stopping', retryAfterMs: 1_000 })
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1', '3 m2'])
    assert.deepEqual((await world.model.load(process.chat().id)).undelivered, [])
    assert.equal((await process.say('m4')).tag, 'shed')
  })

  it('leaves no timer behind, whatever calls, sends and retries were under way', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const other = aCall('other')
    other.fail({ tag: 'unavailable', detail: 'planned' })
    const bot = chainProgram({ calls: { pay: pay.definition, other: other.definition } })
    const process = await world.start({ bot })
    process.channel.answer = ({ reply }) =>
      'text' in reply && reply.text.includes('c0')
        ? new Promise(() => undefined)
        : { tag: 'later', afterMs: 60_000, why: 'away' }
    await process.say('a0', 'call pay', 'a')
    await process.say('b0', 'call other', 'b')
    await process.say('c0', 'hi', 'c')
    await process.say('d0', 'hi', 'd')
    await world.pass(100)

    await until(world.clock, process.runtime.stop())
    await turns(10)

    assert.equal(world.clock.waiting, 0)
    assert.deepEqual(
      pay.made.map(({ signal }) => signal.aborted),
      [true]
    )
  })

  it('keeps to its grace while the store is away, and leaves no timer then either', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('load', { fail: 'before' }, { times: 10_000 })
    world.store.plan('time', { fail: 'before' }, { times: 10_000 })
    const receipts = Array.from({ length: 20 }, (_, n) => process.say(`m${n}`))
    await turns(4)
    const fromMs = world.clock.nowMs()

    await until(world.clock, process.runtime.stop({ graceMs: 3_000 }))
    await turns(10)

    assert.ok(world.clock.nowMs() - fromMs <= 3_100)
    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'shed')
    assert.equal(world.clock.waiting, 0)
  })

  it('is one stop, however often it is asked for, and does nothing before a start', async () => {
    const world = aWorld()
    const process = await world.start()
    const stops = [process.runtime.stop(), process.runtime.stop()]
    await until(world.clock, Promise.all(stops))
    await process.runtime.stop()

    assert.equal(world.store.calls.filter(({ call }) => call === 'close').length, 1)
    const never = world.made()
    await never.runtime.stop()
    await assert.rejects(never.runtime.start(), /CHP_NOT_STARTED.*stopped/)
    assert.equal(world.store.calls.filter(({ call }) => call === 'close').length, 1)
  })

  it('waits for a start that is under way, and stops what that started', async () => {
    const world = aWorld()
    const process = world.made()
    const held = world.store.hold('open')
    const started = process.runtime.start()
    const stopped = process.runtime.stop()
    await held.arrived
    held.release()
    await until(world.clock, Promise.all([started, stopped]))

    assert.equal(process.runtime.ready, false)
    assert.equal(world.clock.waiting, 0)
    assert.equal(world.store.calls.filter(({ call }) => call === 'close').length, 1)
  })

  it('closes the store although a channel does not close', async () => {
    const world = aWorld()
    const clock = world.clock
    const runtime = createRuntime({ bot: chainProgram(), store: world.store, clock })
    runtime.mount({
      name: 'bad',
      sendTimeoutMs: 1_000,
      unfit: () => null,
      send: () => Promise.resolve(SENT),
      mount: host => host,
      close: () => Promise.reject(new Error('planned'))
    })
    await runtime.start()

    await until(clock, runtime.stop())

    assert.equal(world.store.calls.filter(({ call }) => call === 'close').length, 1)
  })

  it('lets a later life go on where this one stopped', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    await first.say('m0')
    await until(world.clock, first.runtime.stop())

    const second = await world.start({ instance: 'one' })
    await second.say('m1')
    await world.settle()

    assert.equal((await second.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
    assert.equal(world.offers.length, 2)
  })

  it('is safe against a send that ends after it: the reply stays owed', async () => {
    const world = aWorld()
    const process = await world.start()
    let end: () => void = () => undefined
    process.channel.answer = () =>
      new Promise(resolve => {
        end = () => resolve(SENT)
      })
    await process.say('m0')
    await turns(6)
    await until(world.clock, process.runtime.stop({ graceMs: 50 }))

    end()
    await turns(6)

    assert.equal(world.clock.waiting, 0)
    assert.equal((await world.model.load(process.chat().id)).undelivered.length, 1)
  })
})

describe('what a host hands in', () => {
  it('is refused when it is no message at all, with the problem named', async () => {
    const world = aWorld()
    const process = await world.start()
    const chat = process.chat()
    const text = { kind: 'text', text: 'hi' } as const

    for (const id of ['', 'x'.repeat(513), 7 as never]) {
      await assert.rejects(chat.receive({ id, content: text }), /CHP_INPUT_INVALID/)
    }
    await assert.rejects(chat.receive({ id: 'm', content: { kind: 'odd' } as never }), /content/)
    await assert.rejects(chat.tell({ id: 't', event: 'e', data: { at: new Date() } }), /data.*at/)
    assert.throws(() => process.runtime.conversation({ channel: 'x' } as never), /address/)
    assert.equal(world.landed.length, 0)
  })

  it('is refused as a second channel of one name', async () => {
    const process = aWorld().made()

    assert.throws(
      () => process.runtime.mount({ ...process.channel, name: 'chan' }),
      /CHP_INPUT_INVALID.*chan/
    )
  })

  it('two runtimes in one process keep apart', async () => {
    const world = aWorld()
    const other = aWorld()
    const one = await world.start({ instance: 'one' })
    const two = await other.start({ instance: 'one' })

    await one.say('m0')
    await two.say('m1')
    await until(world.clock, one.runtime.stop())
    const receipt = await two.say('m2')

    assert.equal(receipt.tag, 'committed')
    assert.equal((await two.chat().inspect())?.data['chain'], foldOf(['m1', 'm2']))
  })
})

function heard(id: string) {
  return { address: ADDRESS, id, content: { kind: 'text', text: 'hi' } } as const
}
