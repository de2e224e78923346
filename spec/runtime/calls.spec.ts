import assert from 'node:assert/strict'
import { Secret } from '../../lib/kernel/secret.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const OK = { outcome: 'ok', output: { n: 1 } }

describe('an outside call of a turn', () => {
  it('is made only after its intent was committed', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const process = await world.start({ bot: chainProgram({ calls: { pay: pay.definition } }) })
    const held = world.store.hold('commit')

    const receipt = process.say('m0', 'call pay')
    await held.arrived
    await world.pass(1_000)
    assert.equal(pay.made.length, 0)
    held.release()
    await receipt

    assert.equal(pay.made.length, 1)
    const { calls } = await world.model.load(process.chat().id)
    assert.deepEqual(
      calls.map(({ key }) => key),
      pay.made.map(({ key }) => key)
    )
  })

  it('is not made when its commit never landed', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const process = await world.start({ bot: chainProgram({ calls: { pay: pay.definition } }) })
    world.store.plan('commit', { fail: 'before' }, { times: 1_000 })

    const receipt = process.say('m0', 'call pay')
    await world.settle()

    assert.equal((await receipt).tag, 'shed')
    assert.equal(pay.made.length, 0)
  })

  it('bears one key for one event and input, and another for another', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    pay.answer(OK)

    for (const id of ['m0', 'm1']) {
      await process.say(id, 'call pay')
      await world.settle()
    }
    await process.say('m0', 'call pay', 'other')
    await world.settle()

    assert.equal(new Set(pay.made.map(({ key }) => key)).size, 3)
  })

  it('of a signed answer that is made again under its key takes its own place', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const intent = { name: 'pay', input: { n: 1 }, origin: 'prompt-1', effect: true }
    const bot = chainProgram({
      calls: { pay: pay.definition },
      hook: (state, { kind, id }) =>
        kind === 'Inbound' && id.startsWith('tap')
          ? {
              tag: 'commit',
              next: { ...state, calls: state.calls.map(call => ({ ...call, attached: false })) },
              replies: [],
              call: intent,
              audit: []
            }
          : undefined
    })
    const process = await world.start({ bot })

    await process.say('tap1')
    await process.say('tap2')
    await world.pass(100)

    assert.equal(pay.made.length, 1)
    const { calls } = (await process.chat().inspect()) ?? {}
    assert.deepEqual(calls, [{ name: 'pay', attached: true }])
    pay.answer(OK)
    await world.settle()
    assert.deepEqual((await process.chat().inspect())?.calls, [])
  })

  it('that was let go is driven to its end, and its outcome is noted', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    await process.say('m1', 'detach')

    pay.answer(OK)
    await world.settle()

    assert.deepEqual((await process.chat().inspect())?.calls, [])
    assert.deepEqual(process.channel.texts().slice(-1), ['late answered'])
    assert.deepEqual((await world.model.load(process.chat().id)).calls, [])
  })

  it('that only reads makes room when it was let go and a fifth one starts', async () => {
    const world = aWorld()
    const look = aCall('look')
    const bot = chainProgram({ calls: { look: look.definition } })
    const process = await world.start({ bot })

    for (let n = 0; n < 6; n += 1) {
      assert.equal((await process.say(`m${n}`, 'read look')).tag, 'committed')
      assert.equal((await process.say(`d${n}`, 'detach')).tag, 'committed')
    }

    assert.equal((await process.chat().inspect())?.calls.length, 4)
    look.answer(OK)
    await world.settle()
    assert.deepEqual((await process.chat().inspect())?.calls, [])
  })

  it('whose token was renewed has it written in the commit of its result', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const login = aCall('login')
    login.answer(OK)
    const bot = chainProgram({
      calls: { pay: pay.definition, login: login.definition },
      relogin: { call: 'login', input: () => ({}), token: () => Secret.of('fresh-token') }
    })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    pay.made[0]?.end({ _tag: 'Left', left: { tag: 'unauthorised' } })
    await world.pass(10)
    pay.answer(OK)
    await world.settle()
    await process.say('m1', 'call pay')
    await world.settle()

    assert.equal(login.made.length, 1)
    assert.deepEqual(
      pay.made.map(({ token }) => token?.reveal() ?? null),
      [null, 'fresh-token', 'fresh-token']
    )
    const { record, calls } = await world.model.load(process.chat().id)
    assert.equal(`${record}${JSON.stringify(calls)}`.includes('fresh-token'), false)
  })

  it('whose result the bot throws on is over, recorded and parked; the bot goes on', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({
      calls: { pay: pay.definition },
      hook: (_state, { kind }) => {
        if (kind === 'CallSettled') throw new Error('planned')
        return undefined
      }
    })
    const process = await world.start({ bot })
    await process.say('m0', 'call pay')
    await process.say('m1')
    pay.answer(OK)
    await world.settle()
    await world.pass(60_000)

    assert.equal(pay.made.length, 1)
    assert.equal(process.heard.filter(({ name }) => name === 'restarted').length, 3)
    assert.equal((await world.model.parked(process.chat().id)).length, 1)
    const settled = world.landed.find(({ causes }) => causes[0]?.endsWith('.settled'))
    assert.deepEqual(settled?.causes.slice(1), ['m1'])
    assert.deepEqual((await world.model.load(process.chat().id)).calls, [])
    assert.equal((await process.say('m2')).tag, 'committed')
  })
})
