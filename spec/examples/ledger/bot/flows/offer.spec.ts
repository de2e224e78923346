import assert from 'node:assert/strict'
import { ALICE, aService } from '../../service/a-service.ts'
import { aliceAtMenu, MemberTalk } from '../member-talk.ts'

async function atConfirm(): Promise<MemberTalk> {
  const talk = await aliceAtMenu()
  await talk.taps('offer')
  await talk.types('zwg 99.99')
  await talk.types('@Bob_Store')
  return talk
}

describe('the offer flow', () => {
  it('asks how much and to whom, and shows what is about to be signed', async () => {
    const talk = await aliceAtMenu()

    assert.match((await talk.taps('offer')).join(), /how much/i)
    assert.match((await talk.types('zwg 99.99')).join(), /handle/i)
    const [asked] = await talk.types('@Bob_Store')

    assert.match(asked ?? '', /confirm.*99\.99 ZWG.*bob_store/i)
    assert.deepEqual(talk.data, {
      amount: '99.99',
      denom: 'ZWG',
      handle: 'bob_store',
      recipientAccountId: 'acc-bob'
    })
    assert.equal(talk.stage, 'CREDIT')
  })

  for (const yes of ['button', 'yes', 'Y', ' TRUE ', '1'])
    it(`is signed by ${yes}, and the fresh balance is shown`, async () => {
      const talk = await atConfirm()

      const said = yes === 'button' ? await talk.taps('confirm') : await talk.types(yes)

      assert.equal(said.length, 2)
      assert.match(said[0] ?? '', /offer.*sent/)
      assert.match(said[1] ?? '', /400\.01 ZWG[\s\S]*1 under way/)
      assert.equal(talk.effects['offersCreated'], 1)
      assert.deepEqual([talk.place, talk.data], ['menu.dashboard', {}])
    })

  for (const no of ['button', 'No', 'n', 'false', '0'])
    it(`is left by ${no}, and nothing reaches the ledger`, async () => {
      const talk = await atConfirm()

      const said = no === 'button' ? await talk.taps('cancel') : await talk.types(no)

      assert.match(said[0] ?? '', /cancelled/i)
      assert.match(said[1] ?? '', /balance/i)
      assert.equal(talk.parts.service.log().calls['createOffer'] ?? 0, 0)
    })

  it('keeps the step and the data at bad input, and counts it', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')

    await talk.types('abc')
    await talk.sends('image')
    assert.deepEqual([talk.place, talk.attempts, talk.data], ['offer.amount', 2, {}])
    await talk.types('25.50')
    assert.equal(talk.attempts, 0)
    await talk.types('bob store!')
    await talk.types('ghost')
    const [self] = await talk.types('ALICE')

    assert.match(self ?? '', /yourself/)
    assert.deepEqual([talk.place, talk.attempts], ['offer.handle', 3])
    assert.deepEqual(talk.data, { amount: '25.50', denom: 'USD' })
  })

  it('asks to confirm or cancel when it hears neither, with the buttons again', async () => {
    const talk = await atConfirm()

    const [said] = await talk.types('maybe')

    assert.match(said ?? '', /confirm.*cancel/)
    assert.equal(talk.heard[0]?.kind, 'buttons')
    assert.equal(talk.attempts, 1)
  })

  it('signs nothing by a button of an earlier prompt', async () => {
    const talk = await atConfirm()
    const { instance } = talk
    await talk.types('menu')
    await talk.taps('offer')
    await talk.types('15')
    await talk.types('bob_store')

    const [said] = await talk.taps('confirm', instance)

    assert.match(said ?? '', /no longer/)
    assert.deepEqual([talk.place, talk.attempts], ['offer.confirm', 0])
    assert.equal(talk.effects['offersCreated'], 0)
  })

  it('signs nothing twice by a second tap', async () => {
    const talk = await atConfirm()
    const { instance } = talk
    await talk.taps('confirm')

    const [said] = await talk.taps('confirm', instance)

    assert.match(said ?? '', /no longer/)
    assert.equal(talk.effects['offersCreated'], 1)
  })

  it('keeps amount and step when the handle cannot be looked up', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')
    await talk.types('20')
    await talk.meets({ endpoint: 'resolveHandle', kind: 'timeout', times: 3 })

    const said = await talk.types('bob_store')

    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /try again/)
    assert.deepEqual([talk.place, talk.attempts], ['offer.handle', 0])
    assert.deepEqual(talk.data, { amount: '20.00', denom: 'USD' })
  })

  for (const kind of ['http429', 'timeoutAfterCommit', 'truncatedJson'])
    it(`opens the confirmation again after three of ${kind}; confirming makes one`, async () => {
      const talk = await atConfirm()
      const { instance, data } = talk
      await talk.meets({ endpoint: 'createOffer', kind, times: 3 })

      const said = await talk.taps('confirm')

      assert.equal(said.length, 1)
      assert.match(said[0] ?? '', kind === 'http429' ? /cannot be reached/ : /may have gone/)
      assert.match(said[0] ?? '', /try again/)
      assert.deepEqual([talk.place, talk.instance], ['offer.confirm', instance])
      assert.deepEqual(talk.data, data)
      await talk.taps('confirm')
      assert.equal(talk.effects['offersCreated'], 1)
      const keys = talk.parts.service.log().requests.filter(one => one.endpoint === 'createOffer')
      assert.equal(new Set(keys.map(({ key }) => key)).size, 1)
    })

  const refusals: readonly (readonly [string, RegExp])[] = [
    ['INSUFFICIENT_BALANCE', /balance/],
    ['LIMIT_EXCEEDED', /limit/],
    ['SELF', /yourself/],
    ['NOT_FOUND', /no account/i],
    ['VALIDATION', /nothing was changed/],
    ['FORBIDDEN', /nothing was changed/]
  ]
  for (const [code, words] of refusals)
    it(`says ${code} and shows the dashboard`, async () => {
      const talk = await atConfirm()
      await talk.meets({ endpoint: 'createOffer', kind: 'business', code })

      const said = await talk.taps('confirm')

      assert.equal(said.length, 2)
      assert.match(said[0] ?? '', words)
      assert.match(said[1] ?? '', /500\.00 ZWG/)
      assert.deepEqual([talk.place, talk.effects['offersCreated']], ['menu.dashboard', 0])
    })

  it('goes on with a new token when the old one is refused', async () => {
    const talk = await atConfirm()
    await talk.parts.service.control({ revokeTokens: 'all' })

    const said = await talk.taps('confirm')

    assert.match(said[0] ?? '', /sent/)
    assert.equal(talk.state.core.token?.refreshes, 1)
    assert.equal(talk.effects['offersCreated'], 1)
  })

  it('takes over a token that came with an answer', async () => {
    const talk = await atConfirm()
    const before = talk.state.core.token?.value.reveal()
    await talk.parts.service.control({ switches: { renewTokens: 'header' } })

    await talk.taps('confirm')

    assert.notEqual(talk.state.core.token?.value.reveal(), before)
    assert.equal(talk.state.core.token?.refreshes, 1)
  })

  it('counts what the ledger has left for the day', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')
    await talk.types('30')
    await talk.types('bob_store')
    await talk.taps('confirm')
    await talk.taps('offer')

    const [said] = await talk.types('20.01')

    assert.match(said ?? '', /limit.*20\.00 USD/)
  })
})

describe('offers of others', () => {
  it('never touch a member who is talking at the same time', async () => {
    const parts = await aService()
    const alice = new MemberTalk(parts, ALICE)
    const bob = new MemberTalk(parts, '15550002002')
    for (const talk of [alice, bob]) await talk.types('hi')

    await alice.taps('offer')
    await bob.taps('offer')
    await alice.types('3')
    await bob.types('4')

    assert.deepEqual([alice.data['amount'], bob.data['amount']], ['3.00', '4.00'])
  })
})
