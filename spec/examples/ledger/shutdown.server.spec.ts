import assert from 'node:assert/strict'
import { type BotHouse, botHouse, STORES } from '../../support/bot-server.ts'
import { confirmed, offerUpToConfirm, walk } from '../../support/ledger-walk.ts'
import { type WhatsAppMember, whatsAppMember } from '../../support/whatsapp-member.ts'

const ALICE = '15550001001'
const NEWCOMERS = 60
const ENDED_AFTER = 10

for (const store of STORES)
  describe(`SIGTERM on the ${store} store`, () => {
    let house: BotHouse
    beforeEach(async () => {
      house = await botHouse({ store, ledgerApart: true })
    })
    afterEach(() => house?.end())

    const terminate = async () => {
      assert.equal(await house.server.end('SIGTERM'), 0, house.server.written())
    }

    it('while messages are in flight loses nothing acknowledged', async () => {
      const acknowledged: WhatsAppMember[] = []
      const others: WhatsAppMember[] = []
      let ended: Promise<number | null> | undefined
      const members = Array.from({ length: NEWCOMERS }, (_, index) =>
        whatsAppMember(house, `1555001${String(index).padStart(4, '0')}`)
      )
      const post = async (member: WhatsAppMember) => {
        const { status } = await house.client.once(member.message('hi'))
        if (status === 200) acknowledged.push(member)
        else others.push(member)
        if (acknowledged.length === ENDED_AFTER) ended ??= house.server.end('SIGTERM')
      }

      await Promise.all(members.map(post))
      assert.equal(await ended, 0, house.server.written())
      await house.start()

      for (const member of acknowledged) await member.hears(/Tap the button/)
      for (const member of others) await walk(member, [{ say: 'hi', hears: [/Tap the button/] }])
    })

    it('while the Graph API is down keeps the replies for the next start', async () => {
      house.graph.misbehave({ kind: 'error', status: 503, code: 131_016 }, 1_000)
      const alice = whatsAppMember(house, ALICE)
      await alice.say('hi')
      await alice.say('nonsense')

      await terminate()
      house.graph.behave()
      await house.start()

      await alice.hears(/Hello Alice/, /choose one entry/)
    })

    it('while the ledger is at work leaves the call to the next start', async () => {
      const alice = whatsAppMember(house, ALICE)
      await walk(alice, [{ say: 'hi', hears: [/Hello Alice/] }, ...offerUpToConfirm('12.50')])
      const delay = { kind: 'delay', endpoint: 'createOffer', when: 'after', ms: 3_000 }
      await house.ledger.arm(delay)
      await alice.say({ tap: 'confirm' })
      await house.ledger.until(({ calls }) => calls['createOffer'] === 1)

      await terminate()
      await house.start()

      await alice.hears(...confirmed().hears)
      assert.equal((await house.ledger.log()).offers.length, 1)
      alice.heardAll()
    })
  })

describe('SIGTERM while Redis holds a turn up', () => {
  let house: BotHouse
  before(async () => {
    house = await botHouse({ store: 'redis' })
  })
  after(() => house?.end())

  it('ends when the turn has ended, and its post is answered before', async () => {
    const alice = whatsAppMember(house, ALICE)
    const { pid = 0 } = house.redis ?? {}
    process.kill(pid, 'SIGSTOP')
    const posted = house.client.once(alice.message('hi'))
    // The post is in when requests behind it have been answered.
    for (let asked = 0; asked < 20; asked += 1) await fetch(`${house.url}/health/live`)

    const ended = house.server.end('SIGTERM')
    await house.server.event('stopping')
    process.kill(pid, 'SIGCONT')

    assert.equal((await posted).status, 200)
    assert.equal(await ended, 0)
  })
})
