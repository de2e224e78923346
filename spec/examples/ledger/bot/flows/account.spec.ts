import assert from 'node:assert/strict'
import { seed } from '../../../../../examples/ledger/service/seed.ts'
import { aService } from '../../service/a-service.ts'
import { aliceAtMenu, MemberTalk } from '../member-talk.ts'

async function carolAtMenu(): Promise<MemberTalk> {
  const talk = new MemberTalk(await aService(), '15550003003')
  await talk.types('hi')
  await talk.taps('acc-carol')
  return talk
}

describe('switching accounts', () => {
  it('shows the other account and acts for it', async () => {
    const talk = await carolAtMenu()
    assert.ok(talk.offered.includes('switch'))

    await talk.taps('switch')
    const [said] = await talk.taps('acc-carol-farm')

    assert.match(said ?? '', /carol_farm[\s\S]*300\.00 USD/)
    assert.equal(talk.identity.activeAccountId, 'acc-carol-farm')
  })

  it('offers one account of a member to another account of theirs never', async () => {
    const talk = await carolAtMenu()
    await talk.taps('offer')
    await talk.types('5')

    const [said] = await talk.types('carol_farm')

    assert.match(said ?? '', /yourself/)
  })

  it('is not offered to a member with a single account below tier 5', async () => {
    assert.ok(!(await aliceAtMenu()).offered.includes('switch'))
  })

  it('has to be done before anything else where no account is active', async () => {
    const talk = await carolAtMenu()
    const { state } = talk
    talk.state = { ...state, core: { ...state.core, account: null } }

    const said = await talk.taps('nothing-of-this')

    assert.match(said.join(), /list/)
    assert.deepEqual(talk.offered, ['switch'])
  })
})

describe('the ledger', () => {
  const withRows = (rows: number) =>
    aliceAtMenu({ ledgerPageSize: 3 }, { ...seed, ledger: { 'acc-alice': { rows } } })

  it('is paged to and fro, with the ways there are', async () => {
    const talk = await withRows(7)

    const [first] = await talk.taps('ledger')
    assert.match(first ?? '', /ledger of @alice.*(\n.*){3}$/i)
    assert.deepEqual([talk.place, talk.offered], ['ledger.ledger', ['next', 'dashboard']])
    await talk.taps('next')
    assert.deepEqual([talk.data['startRow'], talk.offered], [3, ['prev', 'next', 'dashboard']])
    await talk.taps('next')
    assert.deepEqual([talk.data['startRow'], talk.offered], [6, ['prev', 'dashboard']])
    await talk.taps('prev')
    await talk.taps('prev')
    assert.equal(talk.data['startRow'], 0)
    const [back] = await talk.taps('dashboard')

    assert.match(back ?? '', /balance/i)
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('of a new account says that it is empty', async () => {
    const talk = await withRows(0)

    const [said] = await talk.taps('ledger')

    assert.match(said ?? '', /no entries/)
    assert.deepEqual(talk.offered, ['dashboard'])
  })

  it('out of reach leaves the dashboard open as it was', async () => {
    const talk = await withRows(7)
    const { instance, offered } = talk
    await talk.meets({ endpoint: 'readLedger', kind: 'html', times: 3 })

    const said = await talk.taps('ledger')

    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /try again/)
    assert.deepEqual([talk.place, talk.instance], ['menu.dashboard', instance])
    assert.deepEqual(talk.offered, offered)
  })

  it('out of reach in the middle leaves the page open as it was', async () => {
    const talk = await withRows(7)
    await talk.taps('ledger')
    const { data, instance } = talk
    await talk.meets({ endpoint: 'readLedger', kind: 'timeout', times: 3 })

    const said = await talk.taps('next')

    assert.match(said.join(), /try again/)
    assert.deepEqual([talk.place, talk.instance, talk.data], ['ledger.ledger', instance, data])
    await talk.taps('next')
    assert.equal(talk.data['startRow'], 3)
  })

  it('of an account that is not the member’s any more leads to the menu', async () => {
    const talk = await withRows(7)
    await talk.taps('ledger')
    await talk.meets({ endpoint: 'readLedger', kind: 'business', code: 'FORBIDDEN' })

    await talk.taps('next')

    assert.equal(talk.place, 'menu.dashboard')
  })
})

describe('the upgrade', () => {
  it('raises the tier, and the daily limit is shown no more', async () => {
    const talk = await aliceAtMenu()
    assert.match((await talk.types('hi')).join(), /daily limit: 50\.00 USD/)

    assert.match((await talk.taps('upgrade')).join(), /upgrade.*tier/i)
    const said = await talk.types('yes')

    assert.match(said[0] ?? '', /upgraded/)
    assert.doesNotMatch(said[1] ?? '', /limit/)
    assert.equal(talk.identity.tier, 3)
    assert.ok(!talk.offered.includes('upgrade'))
    assert.equal(talk.effects['upgrades'], 1)
  })

  it('is never done on cancel', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('upgrade')

    await talk.types('n')

    assert.equal(talk.effects['upgrades'], 0)
    assert.equal(talk.place, 'menu.dashboard')
  })

  const refusals: readonly (readonly [string, RegExp])[] = [
    ['INSUFFICIENT_BALANCE', /not enough balance/i],
    ['ALREADY', /already/],
    ['FORBIDDEN', /nothing was changed/]
  ]
  for (const [code, words] of refusals)
    it(`says ${code} and shows the dashboard`, async () => {
      const talk = await aliceAtMenu()
      await talk.taps('upgrade')
      await talk.meets({ endpoint: 'upgradeTier', kind: 'business', code })

      const said = await talk.taps('confirm')

      assert.match(said[0] ?? '', words)
      assert.match(said[1] ?? '', /balance/i)
    })

  it('is done once, however often it has to be confirmed', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('upgrade')
    await talk.meets({ endpoint: 'upgradeTier', kind: 'timeoutAfterCommit', times: 3 })

    await talk.taps('confirm')
    assert.equal(talk.place, 'upgrade.confirmUpgrade')
    await talk.taps('confirm')

    assert.equal(talk.effects['upgrades'], 1)
    assert.equal(talk.identity.tier, 3)
  })
})
