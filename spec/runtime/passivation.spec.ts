import assert from 'node:assert/strict'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe('a cap on live conversations', () => {
  it('loses no event, whatever order members speak in', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { liveConversations: 3 } })
    const users = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const receipts = []

    for (let round = 0; round < 6; round += 1) {
      for (const user of users) {
        receipts.push(process.say(`${user}${round}`, 'hi', user))
        if ((round + users.indexOf(user)) % 3 === 0) await world.settle()
      }
    }
    await world.settle()

    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'committed')
    for (const user of users) {
      const ids = Array.from({ length: 6 }, (_, round) => `${user}${round}`)
      assert.equal((await process.chat(user).inspect())?.data['chain'], foldOf(ids))
    }
    assert.equal(world.offers.length, users.length * 6)
    assert.equal(new Set(world.offers.map(({ key }) => key)).size, users.length * 6)
  })

  it('loads a conversation again that was let go, and only that one', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { liveConversations: 2 } })
    for (const user of ['a', 'b', 'c']) {
      await process.say(`${user}0`, 'hi', user)
      await world.settle()
    }
    const loads = (): number => world.store.calls.filter(({ call }) => call === 'load').length
    const before = loads()

    await process.say('c1', 'hi', 'c')
    await process.say('b1', 'hi', 'b')
    assert.equal(loads(), before)
    await process.say('a1', 'hi', 'a')

    assert.equal(loads(), before + 1)
  })

  it('keeps a conversation whose sent replies are not written down yet', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { liveConversations: 1 } })
    world.store.plan('acknowledged', { fail: 'before' }, { times: 5 })
    await process.say('a0', 'hi', 'a')
    await world.pass(2_000)

    await process.say('b0', 'hi', 'b')
    await process.say('a1', 'hi', 'a')
    await world.settle()
    await world.pass(40_000)

    assert.deepEqual(
      world.offers.map(({ text }) => text),
      ['1 a0', '1 b0', '2 a1']
    )
  })

  it('does not disturb a call: its result finds the conversation', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot, limits: { liveConversations: 1 } })
    await process.say('a0', 'call pay', 'a')
    await process.say('b0', 'hi', 'b')
    await process.say('c0', 'hi', 'c')

    pay.answer({ outcome: 'ok', output: { n: 1 } })
    await world.settle()

    assert.equal(pay.made.length, 1)
    assert.deepEqual(
      world.offers
        .filter(({ conversation }) => conversation === process.chat('a').id)
        .map(o => o.text),
      ['1 a0', 'ok {"n":1}']
    )
  })
})

describe('an actor that has nothing to do', () => {
  it('is stopped after its idle time, and the next message loads the conversation', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { idleMs: 60_000 } })
    const loads = (): number => world.store.calls.filter(({ call }) => call === 'load').length
    await process.say('a0', 'hi', 'a')
    await world.settle()
    await world.pass(30_000)
    const before = loads()
    await process.say('a1', 'hi', 'a')
    assert.equal(loads(), before)
    await world.settle()
    await world.pass(80_000)
    assert.ok(process.log.some(line => line.includes('"actors.idle"')))
    const idle = loads()

    await process.say('a2', 'hi', 'a')

    assert.equal(loads(), idle + 1)
    assert.equal((await process.chat('a').inspect())?.data['chain'], foldOf(['a0', 'a1', 'a2']))
  })

  it('stays while only it knows what a receipt brought', async () => {
    const world = aWorld()
    const process = await world.start({ mounted: false, limits: { idleMs: 1_000 } })
    await process.say('a0', 'hi', 'a')
    await world.pass(10_000)
    world.store.plan('commit', { fail: 'before' }, { times: 3 })
    const second = process.say('a1', 'hi', 'a')
    await world.pass(10_000)

    const receipt = await second

    assert.equal(receipt.tag, 'committed')
    assert.deepEqual(receipt.tag === 'committed' && receipt.replies.length, 1)
  })
})
