import assert from 'node:assert/strict'
import { Dashboard, Member } from '../../../../examples/ledger/bot/core.ts'
import {
  ACCOUNTS_KEPT,
  OFFERS_KEPT,
  snapshotOf,
  withoutOffer
} from '../../../../examples/ledger/bot/snapshot.ts'
import type * as Protocol from '../../../../examples/ledger/service/protocol.ts'

function anOffer(at: number): Protocol.Offer {
  return {
    offerId: `off-${String(at).padStart(16, '0')}`,
    issuerAccountId: 'acc-bob',
    issuerHandle: `bob_${'x'.repeat(26)}`,
    issuerName: 'Bob',
    receiverAccountId: 'acc-ana',
    receiverHandle: `ana_${'x'.repeat(26)}`,
    receiverName: 'Ana',
    amount: '999999999999999.9999',
    denom: 'XAU',
    status: 'PENDING',
    createdAt: '2026-01-05T08:00:00.000Z'
  }
}

function anAccount(change: Partial<Protocol.Account> = {}): Protocol.Account {
  return {
    accountId: 'acc-ana',
    handle: 'ana',
    name: 'Ana Lima',
    type: 'PERSONAL',
    owned: true,
    defaultDenom: 'USD',
    balances: { USD: '1.00' },
    incoming: [],
    outgoing: [],
    ...change
  }
}

const member = { memberId: 'm', tier: 2, firstName: 'Ana', lastName: 'Lima' }

describe('what is kept of a dashboard', () => {
  it('is the member, their accounts and the other side of each offer', () => {
    const account = anAccount({ incoming: [anOffer(1)], outgoing: [anOffer(2)] })

    const snapshot = snapshotOf({ member, accounts: [account] })

    assert.deepEqual(snapshot?.member, { ...member, dailyLimitRemaining: {} })
    const [kept] = snapshot?.dashboard.accounts ?? []
    assert.match(kept?.incoming.offers[0]?.handle ?? '', /^bob_/)
    assert.match(kept?.outgoing.offers[0]?.handle ?? '', /^ana_/)
    assert.ok(Member.is(snapshot?.member) && Dashboard.is(snapshot?.dashboard))
  })

  it('stays far below the size of a record, however much the ledger says', () => {
    const offers = Array.from({ length: 1_000 }, (_, at) => anOffer(at))
    const accounts = Array.from({ length: 100 }, (_, at) =>
      anAccount({ accountId: `acc-${at}`, incoming: offers, outgoing: offers })
    )

    const snapshot = snapshotOf({ member, accounts })

    assert.equal(snapshot?.dashboard.accounts.length, ACCOUNTS_KEPT)
    const [kept] = snapshot?.dashboard.accounts ?? []
    assert.deepEqual([kept?.incoming.count, kept?.incoming.offers.length], [1_000, OFFERS_KEPT])
    assert.ok(JSON.stringify(snapshot).length < 49_152)
  })

  it('is nothing where no account is the member’s own, or an amount is none', () => {
    assert.equal(snapshotOf({ member, accounts: [] }), null)
    assert.equal(snapshotOf({ member, accounts: [anAccount({ owned: false })] }), null)
    assert.equal(snapshotOf({ member, accounts: [anAccount({ balances: { USD: 'NaN' } })] }), null)
    const limited = { ...member, dailyLimitRemaining: { USD: '1e3' } }
    assert.equal(snapshotOf({ member: limited, accounts: [anAccount()] }), null)
  })

  it('can lose an offer that is gone, and only that one', () => {
    const account = anAccount({ incoming: [anOffer(1), anOffer(2)] })
    const before = snapshotOf({ member, accounts: [account] })?.dashboard ?? null

    const after = withoutOffer(before, anOffer(1).offerId)

    assert.equal(after.accounts[0]?.incoming.count, 1)
    assert.equal(after.accounts[0]?.incoming.offers[0]?.offerId, anOffer(2).offerId)
    assert.deepEqual(withoutOffer(before, 'off-unknown'), before)
    assert.deepEqual(withoutOffer(null, 'off-unknown'), { accounts: [] })
  })
})
