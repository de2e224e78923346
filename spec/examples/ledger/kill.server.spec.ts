import assert from 'node:assert/strict'
import { seededRandom } from '../../../lib/kernel/random.ts'
import { type BotHouse, botHouse, HOUSES } from '../../support/bot-server.ts'
import { confirmed, offerUpToConfirm, registration, walk } from '../../support/ledger-walk.ts'
import { walkUnderKills } from '../../support/walk-under-kills.ts'
import { type WhatsAppMember, whatsAppMember } from '../../support/whatsapp-member.ts'

for (const { name, ...options } of HOUSES)
  describe(`a server killed ${name}`, () => {
    let house: BotHouse
    let member: WhatsAppMember
    beforeEach(async () => {
      house = await botHouse(options)
      member = whatsAppMember(house, '15550009009')
      await walk(member, registration)
    })
    afterEach(() => house.end())

    const restart = async () => {
      await house.kill()
      await house.start()
    }
    const oneOffer = async (amount: string) => {
      const { offers, requests } = await house.ledger.log()
      assert.deepEqual(
        offers.map(made => made.amount),
        [amount]
      )
      const keys = requests.filter(({ endpoint }) => endpoint === 'createOffer')
      assert.equal(new Set(keys.map(({ key }) => key)).size, keys.length > 0 ? 1 : 0)
      member.heardAll()
    }

    it('at every step of an offer goes on where it was', async () => {
      for (const leg of offerUpToConfirm('12.50')) {
        await walk(member, [leg])
        await restart()
      }

      await walk(member, [confirmed()])

      await oneOffer('12.50')
    })

    for (const when of ['before', 'after'] as const)
      it(`while the ledger is at work, ${when} it has committed, makes one offer`, async () => {
        await walk(member, offerUpToConfirm('12.50'))
        await house.ledger.arm({ kind: 'delay', endpoint: 'createOffer', when, ms: 1_500 })

        await member.say({ tap: 'confirm' })
        await house.ledger.until(({ calls }) => calls['createOffer'] === 1)
        await restart()
        await member.hears(...confirmed().hears)

        await oneOffer('12.50')
      })
  })

for (const { name, ...options } of [HOUSES[0]!, HOUSES[3]!])
  describe(`a server killed at random ${name}`, () => {
    const seed = 1
    it(`five times (seed ${seed}) loses no reply and makes each offer once`, async () => {
      const house = await botHouse(options)
      try {
        await walkUnderKills(house, { random: seededRandom(seed), count: 5, withinMs: 400 })
      } finally {
        await house.end()
      }
    })
  })
