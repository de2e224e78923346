import assert from 'node:assert/strict'
import { GREETINGS } from '../../../../../examples/ledger/bot/ledger-bot.ts'
import { ALICE, aService, BOB } from '../../service/a-service.ts'
import { aliceAtMenu, MemberTalk } from '../member-talk.ts'

const CAROL = '15550003003'

describe('the login', () => {
  it('is begun by any first message, whatever it is', async () => {
    for (const what of ['hi', 'what is this?', '25']) {
      const talk = new MemberTalk(await aService(), ALICE)

      await talk.types(what)

      assert.equal(talk.place, 'menu.dashboard', what)
    }
    const talk = new MemberTalk(await aService(), ALICE)
    await talk.sends('sticker')
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('knows who a member is and which account is theirs', async () => {
    const talk = await aliceAtMenu()

    assert.deepEqual(talk.identity, {
      memberId: 'm-alice',
      tier: 1,
      activeAccountId: 'acc-alice'
    })
  })

  it('leads somebody whom the ledger does not know to the registration', async () => {
    const talk = new MemberTalk(await aService(), '15559')

    const [said] = await talk.types('hi')

    assert.equal(talk.place, 'registration.welcome')
    assert.match(said ?? '', /join/i)
  })

  it('forgets a member whom the ledger does not know any more', async () => {
    const talk = await aliceAtMenu()
    await talk.meets({ endpoint: 'login', kind: 'notFound' })

    await talk.types('hi')

    assert.equal(talk.place, 'registration.welcome')
    assert.deepEqual(talk.identity, { memberId: null, tier: null, activeAccountId: null })
  })

  it('has a member with several accounts pick one, and keeps it from then on', async () => {
    const talk = new MemberTalk(await aService(), CAROL)

    const [asked] = await talk.types('hi')
    assert.match(asked ?? '', /account/i)
    assert.equal(talk.place, 'account.pickAccount')
    assert.deepEqual(talk.offered, ['acc-carol', 'acc-carol-farm'])
    await talk.taps('acc-carol-farm')
    await talk.types('hi')

    assert.equal(talk.place, 'menu.dashboard')
    assert.equal(talk.identity.activeAccountId, 'acc-carol-farm')
  })

  it('takes no account that was not offered', async () => {
    const talk = new MemberTalk(await aService(), CAROL)
    await talk.types('hi')

    const [said] = await talk.taps('acc-alice')

    assert.match(said ?? '', /choose.*list/i)
    assert.equal(talk.attempts, 1)
    assert.equal(talk.identity.activeAccountId, null)
  })

  it('rests at the start with one reply when the ledger is out of reach', async () => {
    const talk = new MemberTalk(await aService(), ALICE)
    await talk.meets({ endpoint: 'login', kind: 'http503', times: 3 })

    const said = await talk.types('hi')

    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /try again/)
    assert.equal(talk.place, 'init.none')
    assert.equal(talk.stage, 'INIT')
    await talk.types('now?')
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('takes an answer without accounts for none at all and keeps what it knows (B20)', async () => {
    const talk = await aliceAtMenu()
    await talk.meets({ endpoint: 'login', kind: 'emptyDashboard', times: 3 })
    const { member, cache } = talk.state.core

    await talk.types('hi')

    assert.deepEqual([talk.state.core.member, talk.state.core.cache], [member, cache])
    assert.equal(talk.place, 'init.none')
  })
})

describe('a greeting', () => {
  it('shows a fresh dashboard from every step and drops what was begun', async () => {
    const steps = ['amount', 'handle', 'confirm']
    for (const [upTo, step] of steps.entries()) {
      const talk = await aliceAtMenu()
      await talk.taps('offer')
      if (upTo > 0) await talk.types('20')
      if (upTo > 1) await talk.types('bob_store')
      assert.equal(talk.place, `offer.${step}`)

      const said = await talk.types('  MENU ')

      assert.equal(talk.place, 'menu.dashboard')
      assert.match(said.join(), /balance/i)
      assert.deepEqual(talk.data, {})
    }
  })

  it('counts in every language of the list, in any case and with blanks around', async () => {
    const talk = await aliceAtMenu()
    for (const word of GREETINGS) {
      await talk.taps('offer')

      await talk.types(` ${word.toUpperCase()} `)

      assert.equal(talk.place, 'menu.dashboard', word)
    }
  })

  it('is what it is for a member of the ledger by another number', async () => {
    const talk = new MemberTalk(await aService(), BOB)

    const said = await talk.types('jambo')

    assert.match(said.join(), /bob_store[\s\S]*80\.00 USD/)
    assert.equal(talk.identity.memberId, 'm-bob')
  })
})
