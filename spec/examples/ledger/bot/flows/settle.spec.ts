import assert from 'node:assert/strict'
import { seed } from '../../../../../examples/ledger/service/seed.ts'
import { aliceAtMenu, type MemberTalk } from '../member-talk.ts'

const toAlice = (offerId: string, amount: string) => ({
  offerId,
  issuerAccountId: 'acc-bob',
  receiverAccountId: 'acc-alice',
  amount,
  denom: 'USD'
})

/** Alice at her dashboard, with offers of Bob that wait for her. */
async function aliceWith(...ids: readonly string[]): Promise<MemberTalk> {
  const offers = ids.map((id, at) => ({ ...toAlice(id, `${at + 1}.00`), status: 'PENDING' }))
  return aliceAtMenu({}, { ...seed, offers })
}

describe('settling offers', () => {
  it('is offered only where there is something to settle', async () => {
    assert.deepEqual((await aliceWith()).offered, ['offer', 'ledger', 'upgrade'])
    const one = ['offer', 'accept', 'decline', 'ledger', 'upgrade']
    assert.deepEqual((await aliceWith('o1')).offered, one)
    const two = ['offer', 'accept', 'decline', 'acceptAll', 'ledger', 'upgrade']
    assert.deepEqual((await aliceWith('o1', 'o2')).offered, two)
  })

  it('accepts one after the other and comes back to the list while offers remain', async () => {
    const talk = await aliceWith('o1', 'o2')

    assert.match((await talk.taps('accept')).join(), /pending offers/i)
    assert.deepEqual(talk.offered, ['o1', 'o2', 'back'])
    const first = await talk.taps('o1')
    assert.match(first[0] ?? '', /accepted/)
    assert.match(first[1] ?? '', /offers/)
    assert.deepEqual([talk.place, talk.offered], ['settle.pickOffer', ['o2', 'back']])
    assert.deepEqual(talk.data, { action: 'accept' })
    const last = await talk.taps('o2')

    assert.match(last[0] ?? '', /accepted/)
    assert.match(last[1] ?? '', /123\.00 USD/)
    assert.equal(talk.place, 'menu.dashboard')
    assert.equal(talk.effects['offersAccepted'], 2)
  })

  it('declines', async () => {
    const talk = await aliceWith('o1')
    await talk.taps('decline')

    const said = await talk.taps('o1')

    assert.match(said[0] ?? '', /declined/)
    assert.equal(talk.effects['offersDeclined'], 1)
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('cancels an own offer and gives the amount back', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')
    await talk.types('20')
    await talk.types('bob_store')
    await talk.taps('confirm')

    await talk.taps('cancel')
    const said = await talk.taps(talk.offered[0] ?? '')

    assert.match(said[0] ?? '', /cancelled/)
    assert.match(said[1] ?? '', /120\.00 USD/)
    assert.equal(talk.effects['offersCancelled'], 1)
  })

  it('leads back to the menu when asked to', async () => {
    const talk = await aliceWith('o1')
    await talk.taps('accept')

    const said = await talk.taps('back')

    assert.match(said.join(), /balance/i)
    assert.equal(talk.effects['offersAccepted'], 0)
  })

  it('takes only what the list offers', async () => {
    const talk = await aliceWith('o1')
    await talk.taps('accept')

    const [said] = await talk.taps('off-of-somebody-else')

    assert.match(said ?? '', /choose.*list/i)
    assert.deepEqual([talk.place, talk.attempts], ['settle.pickOffer', 1])
  })

  it('says that an offer is gone, and does not count it any more', async () => {
    const talk = await aliceWith('o1')
    await talk.taps('accept')
    await talk.parts.service.control({ withdraw: 'o1' })

    const said = await talk.taps('o1')

    assert.match(said[0] ?? '', /no longer pending/)
    assert.match(said[1] ?? '', /0 to answer/)
    assert.deepEqual(talk.offered, ['offer', 'ledger', 'upgrade'])
  })

  it('finds nothing where a restored menu offers what has been settled since', async () => {
    const talk = await aliceWith('o1')
    const { core } = talk.state
    const [account] = core.cache?.accounts ?? []
    const settled = { ...account!, incoming: { count: 0, offers: [] } }
    talk.state = { ...talk.state, core: { ...core, cache: { accounts: [settled] } } }

    const said = await talk.taps('accept')

    assert.match(said[0] ?? '', /no offers/)
    assert.match(said[1] ?? '', /balance/i)
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('keeps the list open when the ledger is out of reach', async () => {
    const talk = await aliceWith('o1')
    await talk.taps('accept')
    await talk.meets({ endpoint: 'acceptOffer', kind: 'http503', times: 3 })

    const said = await talk.taps('o1')

    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /try again/)
    assert.deepEqual([talk.place, talk.attempts], ['settle.pickOffer', 0])
    assert.deepEqual(talk.data, { action: 'accept' })
    await talk.taps('o1')
    assert.equal(talk.effects['offersAccepted'], 1)
  })
})

describe('accepting all offers', () => {
  it('takes one signature for all of them', async () => {
    const talk = await aliceWith('o1', 'o2', 'o3')

    const [asked] = await talk.taps('acceptAll')
    assert.match(asked ?? '', /3 offers/)
    assert.deepEqual(talk.data, { action: 'acceptAll', offerIds: ['o1', 'o2', 'o3'] })
    const said = await talk.types('yes')

    assert.match(said[0] ?? '', /3 offers accepted/)
    assert.match(said[1] ?? '', /126\.00 USD/)
    assert.equal(talk.effects['offersAccepted'], 3)
  })

  it('takes more of them than a list can show', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `o${index + 1}`)
    const talk = await aliceWith(...ids)

    const [asked] = await talk.taps('acceptAll')

    assert.match(asked ?? '', /all 12 offers/)
    assert.deepEqual(talk.data['offerIds'], ids)
    await talk.taps('confirm')
    assert.equal(talk.effects['offersAccepted'], 12)
  })

  it('says how many could not be accepted', async () => {
    const talk = await aliceWith('o1', 'o2', 'o3')
    await talk.taps('acceptAll')
    await talk.meets({ endpoint: 'acceptAll', kind: 'partial', failOfferIds: ['o2'] })

    const said = await talk.taps('confirm')

    assert.match(said[0] ?? '', /2 of 3.*1 could not/)
    assert.match(said[1] ?? '', /1 to answer/)
  })

  it('accepts nothing on cancel', async () => {
    const talk = await aliceWith('o1', 'o2')
    await talk.taps('acceptAll')

    const said = await talk.types('no')

    assert.match(said[0] ?? '', /cancelled/i)
    assert.equal(talk.effects['offersAccepted'], 0)
  })

  it('opens the confirmation again when no answer came, and accepts once', async () => {
    const talk = await aliceWith('o1', 'o2')
    await talk.taps('acceptAll')
    await talk.meets({ endpoint: 'acceptAll', kind: 'resetAfterCommit', times: 3 })

    const [maybe] = await talk.taps('confirm')
    assert.match(maybe ?? '', /may have gone/)
    const said = await talk.taps('confirm')

    assert.match(said[0] ?? '', /2 offers accepted/)
    assert.equal(talk.effects['offersAccepted'], 2)
  })

  it('says so when the ledger does not take it', async () => {
    const talk = await aliceWith('o1', 'o2')
    await talk.taps('acceptAll')
    await talk.meets({ endpoint: 'acceptAll', kind: 'business', code: 'VALIDATION' })

    const said = await talk.taps('confirm')

    assert.match(said[0] ?? '', /nothing was changed/)
    assert.equal(talk.place, 'menu.dashboard')
  })
})
