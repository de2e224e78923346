import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import type { RuntimeEvents } from '../../lib/runtime/trace.ts'
import { ADDRESS, aWorld, type Process } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

const EXPIRED: Sent = { tag: 'later', afterMs: 0, why: 'code 190: token expired', alarm: true }
const LOCKED: Sent = { ...EXPIRED, why: 'code 131031: account locked' }

const alarmsOf = (process: Process): RuntimeEvents['alarm'][] =>
  process.heard.flatMap(({ name, event }) =>
    name === 'alarm' ? [event as RuntimeEvents['alarm']] : []
  )

const linesWith = (process: Process, event: string): string[] =>
  process.log.filter(line => line.includes(`"event":"${event}"`))

describe('a channel that needs a person', () => {
  it('is told once a cause, however many conversations and repeats meet it', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => EXPIRED
    for (const user of ['a', 'b', 'c']) await process.say('m0', 'hi', user)
    await world.pass(20_000)
    process.channel.answer = () => LOCKED
    await world.pass(120_000)

    const details = alarmsOf(process).map(({ failure: { code, detail } }) => [code, detail])

    assert.ok(world.offers.length > 6)
    assert.deepEqual(details, [
      ['CHP_CHANNEL_UNAVAILABLE', 'The channel chan says: code 190: token expired.'],
      ['CHP_CHANNEL_UNAVAILABLE', 'The channel chan says: code 131031: account locked.']
    ])
    assert.equal(linesWith(process, 'channel.alarm').length, 2)
  })

  it('is told anew when it had sent in between', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => EXPIRED
    await process.say('m0')
    await world.pass(1_000)
    process.channel.answer = () => SENT
    await world.settle()
    assert.equal(alarmsOf(process).length, 1)

    process.channel.answer = () => EXPIRED
    await process.say('m1')
    await world.pass(1_000)

    assert.equal(alarmsOf(process).length, 2)
  })

  it('is not what a reply that merely waits means', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => ({ tag: 'later', afterMs: 0, why: 'code 2: service down' })
    await process.say('m0')
    await world.pass(20_000)

    assert.deepEqual(alarmsOf(process), [])
  })
})

describe('a reply that its channel will never take', () => {
  it('is told as undeliverable, and the one behind it goes out', async () => {
    const world = aWorld()
    const process = await world.start()
    const given: RuntimeEvents['undeliverable'][] = []
    process.runtime.on('undeliverable', event => given.push(event))
    process.channel.answer = ({ key }) =>
      key.split('.')[2] === '1' ? { tag: 'refused', why: 'code 131026: undeliverable' } : SENT

    await process.say('m0', 'say 2')
    await world.settle()

    assert.deepEqual(given, [
      {
        conversation: process.chat().id,
        channel: 'chan',
        key: world.offers[0]?.key,
        why: 'code 131026: undeliverable',
        parked: true
      }
    ])
    assert.equal(process.channel.texts().length, 1)
  })

  it('although it had taken it is warned of with the code of the provider', async () => {
    const world = aWorld()
    const process = await world.start()
    for (const status of ['delivered', 'failed'] as const)
      void process.host.status({ address: ADDRESS, providerId: 'wamid.1', status, code: '131026' })

    const [line = '', ...more] = linesWith(process, 'delivery.failed')

    assert.deepEqual(more, [])
    assert.ok(line.includes('"code":"131026"') && line.includes(process.chat().id))
    assert.ok(!line.includes('wamid'))
  })
})
