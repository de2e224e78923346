import assert from 'node:assert/strict'
import type { Command } from '../../../../examples/ledger/service/book/command.ts'
import { standardRules } from '../../../../examples/ledger/service/book/rules.ts'
import type { Ledger } from '../../../../examples/ledger/service/ledger.ts'
import type { LedgerError, LedgerRow } from '../../../../examples/ledger/service/protocol.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { aLedger, done, offer, offered, refused } from './a-ledger.ts'

const DAY = 86_400_000

function balance(ledger: Ledger, memberId: string, denom = 'USD'): string | undefined {
  return ledger.dashboard(memberId).accounts[0]?.balances[denom]
}

function limitOf(ledger: Ledger): string | undefined {
  return ledger.dashboard('m-alice').member.dailyLimitRemaining?.['USD']
}

describe('an offer', () => {
  it('reserves its amount: the issuer sees less, the receiver not yet more', () => {
    const { ledger } = aLedger()

    offered(ledger, offer({ amount: '99.99', denom: 'ZWG' }))

    assert.equal(balance(ledger, 'm-alice', 'ZWG'), '400.01')
    assert.equal(balance(ledger, 'm-bob', 'ZWG'), undefined)
    assert.equal(ledger.dashboard('m-alice').accounts[0]?.outgoing[0]?.amount, '99.99')
    assert.equal(ledger.dashboard('m-bob').accounts[0]?.incoming[0]?.issuerHandle, 'alice')
  })

  it('moves its amount when it is accepted, and both accounts get a row', () => {
    const { ledger } = aLedger()
    const offerId = offered(ledger)

    done(ledger, { name: 'acceptOffer', memberId: 'm-bob', offerId })

    assert.deepEqual([balance(ledger, 'm-alice'), balance(ledger, 'm-bob')], ['110.00', '90.00'])
    for (const [memberId, accountId, direction] of [
      ['m-alice', 'acc-alice', 'OUT'],
      ['m-bob', 'acc-bob', 'IN']
    ] as const) {
      const page = done(ledger, {
        name: 'readLedger',
        memberId,
        accountId,
        startRow: 0,
        numRows: 7
      })
      const [row, ...others] = page['rows'] as LedgerRow[]
      assert.deepEqual([row?.direction, row?.amount, others], [direction, '10.00', []])
    }
  })

  for (const [name, memberId] of [
    ['declineOffer', 'm-bob'],
    ['cancelOffer', 'm-alice']
  ] as const)
    it(`gives its amount and its part of the daily limit back: ${name}`, () => {
      const { ledger } = aLedger()
      const offerId = offered(ledger, offer({ amount: '30' }))
      assert.deepEqual([balance(ledger, 'm-alice'), limitOf(ledger)], ['90.00', '20.00'])

      done(ledger, { name, memberId, offerId })

      assert.deepEqual([balance(ledger, 'm-alice'), limitOf(ledger)], ['120.00', '50.00'])
      assert.deepEqual(ledger.dashboard('m-alice').accounts[0]?.outgoing, [])
    })

  it('ends once: a second settlement is NOT_PENDING', () => {
    const { ledger } = aLedger()
    const offerId = offered(ledger)
    done(ledger, { name: 'acceptOffer', memberId: 'm-bob', offerId })

    for (const [name, memberId] of [
      ['acceptOffer', 'm-bob'],
      ['declineOffer', 'm-bob'],
      ['cancelOffer', 'm-alice']
    ] as const) {
      assert.equal(refused(ledger, { name, memberId, offerId }).code, 'NOT_PENDING')
    }
  })

  it('is settled by its own side only', () => {
    const { ledger } = aLedger()
    const offerId = offered(ledger)

    for (const [name, memberId] of [
      ['acceptOffer', 'm-alice'],
      ['declineOffer', 'm-carol'],
      ['cancelOffer', 'm-bob']
    ] as const) {
      assert.equal(refused(ledger, { name, memberId, offerId }).code, 'FORBIDDEN')
    }
  })

  const refusals: readonly (readonly [string, Command, Partial<LedgerError>])[] = [
    ['to oneself', offer({ receiver: 'acc-alice' }), { code: 'SELF' }],
    ['from a foreign account', offer({ issuer: 'acc-bob' }), { code: 'FORBIDDEN' }],
    ['to nobody', offer({ receiver: 'acc-x' }), { code: 'NOT_FOUND', field: 'receiver' }],
    ['of nothing', offer({ amount: '0.00' }), { code: 'VALIDATION', field: 'amount' }],
    ['of less', offer({ amount: '-5' }), { code: 'VALIDATION', field: 'amount' }],
    ['too fine', offer({ amount: '1.001' }), { code: 'VALIDATION', field: 'amount' }],
    ['of unknown money', offer({ denom: 'EUR' }), { code: 'VALIDATION', field: 'denom' }],
    [
      'above the limit, although the balance is short, too',
      offer({ amount: '500' }),
      { code: 'LIMIT_EXCEEDED', remaining: '50.00', denom: 'USD' }
    ],
    [
      'above the balance',
      offer({ amount: '500.01', denom: 'ZWG' }),
      { code: 'INSUFFICIENT_BALANCE', available: '500.00', denom: 'ZWG' }
    ],
    [
      'in money that the account does not hold',
      offer({ amount: '1', denom: 'CRU' }),
      { code: 'INSUFFICIENT_BALANCE', available: '0.000' }
    ]
  ]
  for (const [what, command, expected] of refusals)
    it(`is refused ${what}, and nothing changes`, () => {
      const { ledger } = aLedger()
      const before = ledger.dashboard('m-alice')

      const { message, ...error } = refused(ledger, command)

      assert.deepEqual({ ...error, ...expected }, error)
      assert.ok(message.length > 10)
      assert.deepEqual(ledger.dashboard('m-alice'), before)
    })

  it('of an authorised member may come from the account of somebody else', () => {
    const { ledger } = aLedger()

    offered(ledger, offer({ memberId: 'm-carol', issuer: 'acc-coop', amount: '600' }))

    const coop = ledger.dashboard('m-carol').accounts.at(-1)
    assert.deepEqual(
      [coop?.accountId, coop?.owned, coop?.balances['USD']],
      ['acc-coop', false, '300.00']
    )
  })
})

describe('the daily limit', () => {
  it('is used up by offers in its denomination and is full again the next day (UTC)', () => {
    const { clock, ledger } = aLedger()

    offered(ledger, offer({ amount: '50' }))
    offered(ledger, offer({ amount: '5', denom: 'ZWG' }))
    assert.equal(refused(ledger, offer({ amount: '0.01' })).code, 'LIMIT_EXCEEDED')
    clock.advance(DAY)

    assert.equal(limitOf(ledger), '50.00')
    offered(ledger, offer({ amount: '50' }))
  })

  it('does not get back today what was used of it yesterday', () => {
    const { clock, ledger } = aLedger()
    const offerId = offered(ledger, offer({ amount: '30' }))
    clock.advance(DAY)
    offered(ledger, offer({ amount: '10' }))

    done(ledger, { name: 'cancelOffer', memberId: 'm-alice', offerId })

    assert.equal(limitOf(ledger), '40.00')
  })

  it('begins with what the content says is left', () => {
    const [alice, ...others] = seed.members
    const { ledger } = aLedger({
      ...seed,
      members: [{ ...alice, dailyLimitRemaining: { USD: '7.50' } }, ...others]
    })

    assert.equal(limitOf(ledger), '7.50')
    assert.equal(refused(ledger, offer({ amount: '7.51' })).remaining, '7.50')
  })

  it('is for tier 1 only', () => {
    const { ledger } = aLedger()

    offered(
      ledger,
      offer({ memberId: 'm-bob', issuer: 'acc-bob', receiver: 'acc-alice', amount: '80' })
    )

    assert.equal(ledger.dashboard('m-bob').member.dailyLimitRemaining, undefined)
  })
})

describe('the bounds of the ledger', () => {
  it('refuse an offer when an account has too many pending ones, on either side', () => {
    const bounds = { ...standardRules.bounds, pendingOffersMax: 2 }
    const { ledger } = aLedger(seed, { bounds })
    const small = { amount: '1' }
    const [first] = [offered(ledger, offer(small)), offered(ledger, offer(small))]
    const toCarol = offer({ ...small, receiver: 'acc-carol' })
    const ofCarol = offer({ ...small, memberId: 'm-carol', issuer: 'acc-carol' })

    assert.equal(refused(ledger, toCarol).code, 'VALIDATION')
    assert.equal(refused(ledger, ofCarol).code, 'VALIDATION')
    done(ledger, { name: 'acceptOffer', memberId: 'm-bob', offerId: first })

    offered(ledger, ofCarol)
    offered(ledger, toCarol)
  })

  it('forget the offer that was settled first, never a pending one', () => {
    const bounds = { ...standardRules.bounds, settledOffersMax: 2 }
    const { ledger } = aLedger(seed, { bounds })
    const pending = offered(ledger)
    const settled = [offered(ledger), offered(ledger), offered(ledger)]

    for (const offerId of settled.toReversed()) {
      done(ledger, { name: 'declineOffer', memberId: 'm-bob', offerId })
    }

    const known = ledger.offers().map(({ offerId }) => offerId)
    assert.deepEqual(known, [pending, ...settled.slice(0, 2)])
  })

  it('keep the newest 1,000 rows of an account', () => {
    const { ledger } = aLedger({ ...seed, ledger: { 'acc-bob': { rows: 1_000 } } })
    done(ledger, { name: 'acceptOffer', memberId: 'm-bob', offerId: offered(ledger) })
    const page = { name: 'readLedger', memberId: 'm-bob', accountId: 'acc-bob' } as const

    const newest = done(ledger, { ...page, startRow: 0, numRows: 1 })['rows'] as LedgerRow[]
    const last = done(ledger, { ...page, startRow: 990, numRows: 50 })

    assert.equal(newest[0]?.amount, '10.00')
    assert.deepEqual([(last['rows'] as LedgerRow[]).length, last['hasMore']], [10, false])
  })
})
