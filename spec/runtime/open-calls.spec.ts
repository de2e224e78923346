import assert from 'node:assert/strict'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const OK = { outcome: 'ok', output: { n: 1 } }

describe('an outside call that is still open', () => {
  it('is made with the same key by the next life, at its start, and has one effect', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const first = await world.start({ bot, instance: 'one' })
    await first.say('m0', 'call pay')
    first.kill()

    const second = await world.start({ bot, instance: 'one' })
    assert.equal(pay.made.length, 2)
    pay.answer(OK)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await world.settle()

    assert.equal(new Set(pay.made.map(({ key }) => key)).size, 1)
    assert.deepEqual(pay.made[1]?.input, { id: 'm0' })
    assert.equal((await second.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
    assert.deepEqual(second.channel.texts().slice(-1), ['ok {"n":1}'])
  })

  it('is made by another process when the lease of the one that died has ended', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ bot })
    const two = await world.start({ bot })
    await one.say('m0', 'call pay')
    one.kill()

    await world.pass(9_000)
    assert.equal(pay.made.length, 1)
    await world.pass(4_000)
    assert.equal(pay.made.length, 2)
    pay.answer(OK)
    await world.settle()

    assert.equal((await two.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
  })

  it('that another process drives is left alone while its lease runs, whoever looks', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ bot })
    const two = await world.start({ bot })
    await one.say('m0', 'call pay')

    two.host.present({ channel: 'chan', account: 'a', user: 'u' })
    await world.pass(1_000)

    assert.equal(pay.made.length, 1)
    pay.answer(OK)
    await world.settle()
    assert.equal(pay.made.length, 1)
  })

  it('whose result finds no store is not made again: the result waits for it', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    world.store.plan('commit', { fail: 'before' }, { times: 1_000 })
    pay.answer(OK)
    await world.pass(8_000)
    world.store.heal()

    await world.pass(20_000)

    assert.equal(pay.made.length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
  })

  it('that a timer closes before it is looked at is not made again', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({
      calls: { pay: pay.definition },
      hook: (state, { kind }) => {
        if (kind !== 'TimerDue') return undefined
        const next = { ...state, calls: [], timers: [] }
        return { tag: 'commit', next, replies: [], call: null, audit: [] }
      }
    })
    const first = await world.start({ bot, instance: 'one' })
    await first.say('m0', 'remind 2000')
    await first.say('m1', 'call pay')
    await first.say('m2', 'detach')
    first.kill()
    world.clock.advanceTo(world.clock.nowMs() + 3_000)

    const second = await world.start({ bot, instance: 'one' })
    await world.settle()

    assert.equal(pay.made.length, 1)
    assert.deepEqual((await second.chat().inspect())?.calls, [])
  })

  it('that takes longer than its lease is driven once by a lone process', async () => {
    const world = aWorld()
    const pay = aCall('pay', { timeoutMs: 60_000 })
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    await world.pass(45_000)

    pay.answer(OK)
    await world.settle()

    assert.equal(pay.made.length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
  })

  it('whose stored row is damaged ends unknown and holds up no reply', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const first = await world.start({ bot, instance: 'one' })
    first.channel.answer = () => new Promise(() => undefined)
    await first.say('m0', 'call pay')
    first.kill()
    const load = world.model.load.bind(world.model)
    world.model.load = async id => {
      const loaded = await load(id)
      return { ...loaded, calls: loaded.calls.map(call => ({ ...call, row: '{"name":' })) }
    }

    const second = await world.start({ bot, instance: 'one' })
    await world.pass(60_000)

    assert.deepEqual(second.channel.texts(), ['1 m0', 'unreachable unknown'])
    assert.equal(second.log.filter(line => line.includes('row.set-aside')).length, 1)
    assert.equal(pay.made.length, 1)
    const { id } = second.chat()
    assert.equal((await world.model.parked(id)).length, 1)
  })
})
