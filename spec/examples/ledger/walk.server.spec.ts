import assert from 'node:assert/strict'
import { type BotHouse, botHouse, STORES } from '../../support/bot-server.ts'
import { offer, registration, walk } from '../../support/ledger-walk.ts'
import { whatsAppMember } from '../../support/whatsapp-member.ts'

const NEWCOMER = '15550009009'
const ALICE = '15550001001'

for (const store of STORES)
  describe(`a member on the ${store} store`, () => {
    let house: BotHouse
    before(async () => {
      house = await botHouse({ store })
    })
    after(() => house.end())

    it('registers and makes an offer by signed webhooks, each reply in its order', async () => {
      const member = whatsAppMember(house, NEWCOMER)

      await walk(member, [...registration, ...offer('12.50')])

      const { effects, offers } = await house.ledger.log()
      assert.deepEqual(
        offers.map(({ amount }) => amount),
        ['12.50']
      )
      assert.equal(effects['membersCreated'], 1)
      assert.match(member.heard.at(-1)?.text ?? '', /87\.50 USD/)
      const legs = [...registration, ...offer('12.50')]
      assert.equal(house.graph.to(NEWCOMER).length, legs.flatMap(({ hears }) => hears).length)
    })

    it('is known again by the number, and sees the account at once', async () => {
      const member = whatsAppMember(house, ALICE)

      await member.say('hi')
      await member.hears(/Hello Alice![^]*120\.00 USD[^]*500\.00 ZWG/)

      const dashboard = member.heard.at(-1)
      assert.equal(dashboard?.kind, 'list')
      assert.ok(dashboard?.options.some(({ id }) => id.endsWith('|offer')))
    })

    it('gets nothing that the Graph API would refuse', () => {
      assert.deepEqual(house.graph.unfit, [])
    })

    it('finds the server alive and ready', async () => {
      const live = await fetch(`${house.url}/health/live`)
      const ready = await fetch(`${house.url}/health/ready`)

      assert.deepEqual([live.status, ready.status], [200, 200])
      assert.deepEqual(await ready.json(), { ready: true })
    })

    it('leaves no trace of number, words, token or secret in the log', () => {
      const written = house.written()

      assert.match(written, /"event":"call.attempt"/)
      for (const hidden of [
        NEWCOMER,
        ALICE,
        'Zoë',
        'Ñandú',
        '12.50',
        'tok-',
        'the secret of',
        'access token'
      ])
        assert.equal(written.includes(hidden), false, `${hidden} is in the log`)
    })
  })
