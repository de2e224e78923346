import assert from 'node:assert/strict'
import {
  aChange,
  aPost,
  escaped,
  messages,
  signatureOf,
  statuses
} from '../../channel/whatsapp/a-post.ts'
import { type BotHouse, botHouse, VERIFY_TOKEN } from '../../support/bot-server.ts'
import { offerUpToConfirm, walk } from '../../support/ledger-walk.ts'
import { textFrom } from '../../support/webhook-client.ts'
import { whatsAppMember } from '../../support/whatsapp-member.ts'

const ALICE = '15550001001'
const BOB = '15550002002'
const BODY_BYTES_MAX = 3 * 1024 * 1024

describe('the webhook of the bot server', () => {
  let house: BotHouse
  before(async () => {
    house = await botHouse()
  })
  after(() => house?.end())

  const signed = (body: Buffer) =>
    house.client.raw(body, { 'x-hub-signature-256': signatureOf(body) })
  const padded = (bytes: number) => Buffer.alloc(bytes, ' ')

  it('answers the verification with its challenge, and only to who knows the token', async () => {
    const ask = async (token: string) => {
      const verify = encodeURIComponent(token)
      const query = `?hub.mode=subscribe&hub.challenge=12345&hub.verify_token=${verify}`
      const response = await fetch(`${house.url}/webhooks/whatsapp${query}`)
      return [response.status, await response.text()]
    }

    assert.deepEqual(await ask(VERIFY_TOKEN), [200, '12345'])
    assert.equal((await ask('another'))[0], 403)
  })

  for (const [what, body] of [
    ['a post', escaped(aPost(aChange({ messages: [messages.text()] })))],
    ['what is no JSON', Buffer.from('{"entry":')]
  ] as const) {
    it(`refuses ${what} without a signature before it is parsed`, async () => {
      assert.equal((await house.client.raw(body)).status, 401)
    })

    it(`refuses ${what} with a wrong signature before it is parsed`, async () => {
      const wrong = [signatureOf(body, 'another secret'), signatureOf(Buffer.from('other bytes'))]
      for (const signature of [
        ...wrong,
        'sha256=',
        'sha256=00',
        'plain',
        signatureOf(body).slice(7)
      ])
        assert.equal(
          (await house.client.raw(body, { 'x-hub-signature-256': signature })).status,
          401,
          signature
        )
    })
  }

  it('refuses a body that was written anew after it was signed, same meaning or not', async () => {
    const said = aPost(aChange({ messages: [messages.text('wamid.anew', 'déjà vu 🎉')] }))
    const signature = signatureOf(escaped(said))

    const { status } = await house.client.raw(JSON.stringify(said), {
      'x-hub-signature-256': signature
    })

    assert.equal(status, 401)
  })

  it('refuses signed text that is no JSON', async () => {
    assert.equal((await signed(Buffer.from('{"entry":'))).status, 400)
    assert.equal((await signed(Buffer.alloc(0))).status, 400)
  })

  it('refuses what is over 3 MB, and reads what is exactly as large', async () => {
    assert.equal((await signed(padded(BODY_BYTES_MAX + 1))).status, 413)
    assert.equal((await signed(padded(BODY_BYTES_MAX))).status, 400)
  })

  it('refuses another method', async () => {
    const { status } = await fetch(`${house.url}/webhooks/whatsapp`, { method: 'PUT', body: 'x' })

    assert.equal(status, 405)
  })

  it('has let none of it through', async () => {
    const { calls } = await house.ledger.log()

    assert.deepEqual(calls, {})
    assert.deepEqual(house.graph.posted, [])
  })

  it('says to anything but text that it reads only text, and keeps the step', async () => {
    const alice = whatsAppMember(house, ALICE)
    const others = [
      messages.image(),
      messages.location(),
      messages.reaction(),
      messages.unsupported(),
      { from: ALICE, id: 'wamid.invented', timestamp: '1', type: 'hologram', hologram: {} }
    ].map(message => ({ ...message, from: ALICE }))
    await walk(alice, [
      { say: 'hi', hears: [/Hello Alice/] },
      { say: { tap: 'offer' }, hears: [/How much/] },
      { say: '1.25', hears: [/Which handle/] }
    ])

    for (const message of others) {
      await house.client.deliver(message)
      await alice.hears(/I can only read text here/)
    }

    await walk(alice, [{ say: 'bob_store', hears: [/confirm: 1\.25 USD/] }])
    await walk(alice, [{ say: 'no', hears: [/Cancelled/, /Hello Alice/] }])
    alice.heardAll()
  })

  it('gives every message of one post its turn, whatever stands between them', async () => {
    const dora = whatsAppMember(house, '15550005005')
    const eve = whatsAppMember(house, '15550006006')
    const bob = whatsAppMember(house, BOB)
    await walk(dora, [{ say: 'hi', hears: [/Tap the button/] }])
    const malformed = [
      null,
      7,
      { id: 'wamid.x' },
      { ...messages.text('wamid.y'), text: { body: 7 } }
    ]
    const post = aPost(
      aChange({ messages: [dora.message({ tap: 'join' }), malformed[0], bob.message('hi')] }),
      aChange({ statuses: [statuses.delivered(), { status: 'sent' }, null, statuses.failed()] }),
      aChange({ messages: [malformed[1], dora.message('Dora'), malformed[2]] }),
      { field: 'account_update', value: { event: 'VERIFIED_ACCOUNT' } },
      aChange({ messages: [malformed[3], eve.message('hi'), dora.message('Dimka')] }),
      'no change at all'
    )

    const { status } = await house.client.post(post)

    assert.equal(status, 200)
    await dora.hears(/first name/, /last name/, /account is ready/, /Hello Dora/)
    await eve.hears(/Tap the button/)
    await bob.hears(/Hello Bob/)
    for (const member of [dora, eve, bob]) member.heardAll()
  })

  it('takes several messages of one member in one post one after the other', async () => {
    const fay = whatsAppMember(house, '15550007007')
    const bodies = ['hi', 'nonsense', 'more nonsense']

    await house.client.post(aPost(aChange({ messages: bodies.map(body => fay.message(body)) })))

    await fay.hears(/Tap the button/, /Please use the button/, /Please use the button/)
    fay.heardAll()
  })

  it('takes more messages of one member in one post than its mailbox holds', async () => {
    const gil = whatsAppMember(house, '15550009009')
    const bodies = ['hi', ...Array.from({ length: 40 }, (_, index) => `nonsense ${index}`)]
    const post = aPost(aChange({ messages: bodies.map(body => gil.message(body)) }))

    while ((await house.client.post(post)).status === 503) await new Promise(setImmediate)

    await gil.hears(/Tap the button/, ...bodies.slice(1).map(() => /Please use the button/))
    assert.equal(house.graph.to(gil.phone).length, bodies.length)
  })

  it('leaves messages of another number alone', async () => {
    const theirs = aChange({ messages: [textFrom('15550008008', 'wamid.theirs', 'hi')] }, '1234')

    assert.equal((await house.client.post(aPost(theirs))).status, 200)

    await walk(whatsAppMember(house, ALICE), [{ say: 'hi', hears: [/Hello Alice/] }])
    assert.deepEqual(house.graph.to('15550008008'), [])
  })
})

for (const store of ['embedded', 'redis'] as const)
  describe(`a message delivered twice, on the ${store} store`, () => {
    let house: BotHouse
    before(async () => {
      house = await botHouse({ store })
    })
    after(() => house?.end())

    it('at once, later and after a restart has one effect and no second reply', async () => {
      const alice = whatsAppMember(house, ALICE)
      await walk(alice, [{ say: 'hi', hears: [/Hello Alice/] }, ...offerUpToConfirm('12.50')])
      const confirm = alice.message({ tap: 'confirm' })
      const once = () => house.client.once(confirm)

      const atOnce = await Promise.all([once(), once(), once(), once(), once()])
      await alice.hears(/Your offer was sent/, /Hello Alice[^]*1 under way/)
      const later = await once()
      assert.equal(await house.server.end('SIGTERM'), 0)
      await house.start()
      await house.client.deliver(confirm)
      await house.kill()
      await house.start()
      await house.client.deliver(confirm)

      for (const { status } of [...atOnce, later]) assert.equal(status, 200)
      await walk(alice, [{ say: 'menu', hears: [/Hello Alice[^]*1 under way/] }])
      assert.equal(house.graph.to(ALICE).length, alice.heard.length)
      assert.equal((await house.ledger.log()).offers.length, 1)
    })

    it('to a member who has just been served is not taken for another message', async () => {
      const bob = whatsAppMember(house, BOB)
      const greeting = bob.message('hi')
      await house.client.deliver(greeting)
      await bob.hears(/Hello Bob/)

      await Promise.all([house.client.deliver(greeting), house.client.deliver(bob.message('menu'))])

      await bob.hears(/Hello Bob/)
      assert.equal(house.graph.to(BOB).length, 2)
    })
  })
