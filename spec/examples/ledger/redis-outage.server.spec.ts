import assert from 'node:assert/strict'
import { type BotHouse, botHouse } from '../../support/bot-server.ts'
import { confirmed, offerUpToConfirm, walk } from '../../support/ledger-walk.ts'
import { type WhatsAppMember, whatsAppMember } from '../../support/whatsapp-member.ts'

describe('a Redis that is killed and comes back', () => {
  let house: BotHouse
  let alice: WhatsAppMember
  before(async () => {
    house = await botHouse({ store: 'redis' })
    alice = whatsAppMember(house, '15550001001')
    await walk(alice, [{ say: 'hi', hears: [/Hello Alice/] }, ...offerUpToConfirm('12.50')])
    await house.redis?.kill('SIGKILL')
  })
  after(() => house?.end())

  const readiness = async () => (await fetch(`${house.url}/health/ready`)).status
  const liveness = async () => (await fetch(`${house.url}/health/live`)).status

  it('is away: messages are asked for again and the server is not ready, but alive', async () => {
    const { status, text } = await house.client.once(alice.message('menu'))

    assert.equal(status, 503, text)
    assert.equal(await readiness(), 503)
    assert.equal(await liveness(), 200)
  })

  it('is back: the conversation goes on where it was, no restart needed', async () => {
    await house.redis?.start()

    await walk(alice, [confirmed()])

    // The sweep finds the store again, so it may take some seconds.
    while ((await readiness()) !== 200) await new Promise(setImmediate)
    assert.equal((await house.ledger.log()).offers.length, 1)
    alice.heardAll()
  })
})
