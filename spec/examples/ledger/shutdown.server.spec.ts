import assert from 'node:assert/strict'
import { seededRandom } from '../../../lib/kernel/random.ts'
import { type BotHouse, botHouse, STORES } from '../../support/bot-server.ts'
import { confirmed, offerUpToConfirm, walk } from '../../support/ledger-walk.ts'
import { type WhatsAppMember, whatsAppMember } from '../../support/whatsapp-member.ts'

const ALICE = '15550001001'
const NEWCOMERS = 60
const SEED = 11

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

    it(`while messages are in flight loses nothing acknowledged (seed ${SEED})`, async () => {
      const random = seededRandom(SEED)
      const acknowledged: WhatsAppMember[] = []
      const shed: WhatsAppMember[] = []
      const members = Array.from({ length: NEWCOMERS }, (_, index) =>
        whatsAppMember(house, `1555001${String(index).padStart(4, '0')}`)
      )
      const posts = members.map(async member => {
        await new Promise(resolve => setTimeout(resolve, random.fraction() * 120))
        const { status } = await house.client.once(member.message('hi'))
        if (status === 200) acknowledged.push(member)
        else shed.push(member)
      })
      await new Promise(resolve => setTimeout(resolve, 60))

      await terminate()
      await Promise.all(posts)
      await house.start()

      assert.ok(acknowledged.length > 0 && shed.length > 0, 'the signal came too early or too late')
      for (const member of acknowledged) await member.hears(/Tap the button/)
      for (const member of shed) await walk(member, [{ say: 'hi', hears: [/Tap the button/] }])
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
