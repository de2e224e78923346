import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const texts = (receipt: Receipt): string[] =>
  'replies' in receipt ? receipt.replies.map(reply => ('text' in reply ? reply.text : '')) : []

describe('a channel that is answered by receipts', () => {
  it('gets the replies with the receipt, and nothing is sent', async () => {
    const world = aWorld()
    const process = await world.start({ mounted: false })

    const receipt = await process.say('m0')
    await world.settle()

    assert.deepEqual(texts(receipt), ['1 m0'])
    assert.deepEqual(world.offers, [])
  })

  it('gets them again on a redelivery, until the next message of the member', async () => {
    const world = aWorld()
    const process = await world.start({ mounted: false })
    await process.say('m0')

    assert.deepEqual(texts(await process.say('m0')), ['1 m0'])
    assert.deepEqual(texts(await process.say('m1')), ['2 m1'])
    assert.deepEqual(texts(await process.say('m0')), [])
    assert.deepEqual(texts(await process.say('m1')), ['2 m1'])
  })

  it('gets them again after a restart', async () => {
    const world = aWorld()
    const first = await world.start({ mounted: false, instance: 'one' })
    await first.say('m0')
    first.kill()
    const second = await world.start({ mounted: false, instance: 'one' })

    const again = second.say('m0')
    await world.settle()

    assert.deepEqual(texts(await again), ['1 m0'])
  })

  it('gets what a call brought later with the next receipt, and loses none of it', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ mounted: false, bot })
    assert.deepEqual(texts(await process.say('m0', 'call pay')), ['1 m0'])
    pay.answer({ outcome: 'ok', output: { n: 1 } })
    await world.settle()
    await world.pass(30_000)

    assert.deepEqual(texts(await process.say('m0')), ['1 m0', 'ok {"n":1}'])
    assert.deepEqual(texts(await process.say('m1')), ['ok {"n":1}', '3 m1'])
    assert.deepEqual(texts(await process.say('m2')), ['4 m2'])
  })

  it('gets what waited in the inbox with the next receipt too', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ mounted: false, bot })
    await process.say('m0', 'call pay')
    assert.equal((await process.say('m1')).tag, 'deferred')
    pay.answer({ outcome: 'ok', output: { n: 1 } })
    await world.settle()

    assert.deepEqual(texts(await process.say('m2')), ['ok {"n":1}', '3 m1', '4 m2'])
  })

  it('keeps replies that a timer brought until a message fetches them', async () => {
    const world = aWorld()
    const process = await world.start({ mounted: false })
    await process.say('m0', 'remind 1000')
    await world.pass(30_000)

    const receipt = await process.say('m1')

    assert.deepEqual(texts(receipt), ['timer m0', '3 m1'])
  })

  it('gets what the host said first, and the next message says that it came', async () => {
    const world = aWorld()
    const process = await world.start({ mounted: false })
    await process.say('m0')

    const told = await process.chat().tell({ id: 't0', event: 'ready' })

    assert.deepEqual(texts(told), ['told ready'])
    assert.deepEqual(texts(await process.say('m0')), ['1 m0'])
    assert.deepEqual(texts(await process.say('m1')), ['3 m1'])
    assert.deepEqual(texts(await process.say('m0')), [])
  })
})

describe('a receipt of a channel that sends', () => {
  it('names the replies of this turn only', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'away' })
    await process.say('m0')

    const receipt = await process.say('m1')

    assert.deepEqual(receipt, {
      tag: 'committed',
      version: 2,
      replies: [{ kind: 'text', text: '2 m1' }]
    })
  })
})
