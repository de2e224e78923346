import assert from 'node:assert/strict'
import { standardRules } from '../../../../examples/ledger/service/book/rules.ts'
import type { AcceptAllResult, LedgerRow } from '../../../../examples/ledger/service/protocol.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { aLedger, done, offer, offered, refused } from './a-ledger.ts'

const tariro = {
  name: 'registerMember',
  firstName: 'Tariro',
  lastName: 'Sibanda',
  phone: '15550009009',
  defaultDenom: 'USD'
} as const

describe('a registration', () => {
  it('opens a tier 1 member with 100.00 USD in a personal account and a full limit', () => {
    const { ledger } = aLedger()

    const memberId = String(done(ledger, tariro)['memberId'])

    const { member, accounts } = ledger.dashboard(memberId)
    assert.deepEqual([member.tier, member.dailyLimitRemaining], [1, { USD: '50.00' }])
    const [{ handle, name, type, owned, balances } = assert.fail('no account'), ...others] =
      accounts
    assert.deepEqual(
      { handle, name, type, owned, balances, others },
      {
        handle: 'tariro_sibanda',
        name: 'Tariro Sibanda',
        type: 'PERSONAL',
        owned: true,
        balances: { USD: '100.00' },
        others: []
      }
    )
    assert.deepEqual(done(ledger, { name: 'login', phone: tariro.phone }), { memberId })
    assert.equal(ledger.effects.membersCreated, 1)
  })

  it('gives everybody a handle of their own that a handle may be', () => {
    const { ledger } = aLedger()
    const names = [
      ['Alice', ''.padEnd(50, 'x')],
      ['Zoë', 'Ångström'],
      ['Zoe', 'Angstrom'],
      ['李', '雷'],
      ['王', '芳'],
      ['x'.repeat(30), 'y'],
      ['x'.repeat(30), 'z']
    ]

    const handles = names.map(([firstName = '', lastName = ''], index) => {
      const command = { ...tariro, firstName, lastName, phone: `p${index}` }
      const memberId = String(done(ledger, command)['memberId'])
      return ledger.dashboard(memberId).accounts[0]?.handle ?? ''
    })

    assert.deepEqual(handles.slice(1, 5), ['zoe_angstrom', 'zoe_angstrom_2', 'member', 'member_2'])
    assert.equal(new Set(handles).size, handles.length)
    for (const handle of handles) assert.match(handle, /^[a-z0-9_]{1,30}$/)
  })

  it('is refused for a known phone, a missing name and unknown money', () => {
    const { ledger } = aLedger()

    const refusal = (more: object) => {
      const { code, field } = refused(ledger, { ...tariro, ...more })
      return [code, field]
    }

    assert.deepEqual(refusal({ phone: '15550001001' }), ['ALREADY_EXISTS', undefined])
    assert.deepEqual(refusal({ firstName: '  ' }), ['VALIDATION', 'firstName'])
    assert.deepEqual(refusal({ lastName: 'a\nb' }), ['VALIDATION', 'lastName'])
    assert.deepEqual(refusal({ defaultDenom: 'EUR' }), ['VALIDATION', 'defaultDenom'])
  })

  it('has no room beyond the bound', () => {
    const bounds = { ...standardRules.bounds, membersMax: seed.members.length + 1 }
    const { ledger } = aLedger(seed, { bounds })
    assert.ok(ledger.hasRoomFor('registerMember'))

    done(ledger, tariro)

    assert.ok(!ledger.hasRoomFor('registerMember'))
    assert.ok(ledger.hasRoomFor('createOffer'))
  })
})

describe('a handle', () => {
  it('is found in any case, with or without an @', () => {
    const { ledger } = aLedger()
    const find = (handle: string) =>
      done(ledger, { name: 'resolveHandle', memberId: 'm-alice', handle })

    const found = { accountId: 'acc-bob', name: 'Bob Store', handle: 'bob_store' }
    assert.deepEqual(find('@Bob_Store'), found)
    assert.deepEqual(find(' bob_store '), found)
  })

  it('is NOT_FOUND when nobody has it, and VALIDATION when nobody can', () => {
    const { ledger } = aLedger()
    const code = (handle: string) =>
      refused(ledger, { name: 'resolveHandle', memberId: 'm-alice', handle }).code

    assert.equal(code('ghost'), 'NOT_FOUND')
    assert.equal(code('bob store!'), 'VALIDATION')
    assert.equal(code(''), 'VALIDATION')
    assert.equal(code('a'.repeat(31)), 'VALIDATION')
  })
})

describe('accept-all', () => {
  const acceptAll = { name: 'acceptAll', memberId: 'm-bob' } as const

  it('accepts what it can and says of every id what became of it', () => {
    const { ledger } = aLedger()
    const [first, second, gone] = [offered(ledger), offered(ledger), offered(ledger)]
    done(ledger, { name: 'cancelOffer', memberId: 'm-alice', offerId: gone })

    const details = done(ledger, { ...acceptAll, ids: [first, gone, 'off-x', second] })

    const results = details['results'] as AcceptAllResult[]
    assert.deepEqual(
      results.map(({ offerId, accepted, code }) => [offerId, accepted, code]),
      [
        [first, true, undefined],
        [gone, false, 'NOT_PENDING'],
        ['off-x', false, 'NOT_FOUND'],
        [second, true, undefined]
      ]
    )
    assert.equal(ledger.dashboard('m-bob').accounts[0]?.balances['USD'], '100.00')
    assert.equal(ledger.effects.offersAccepted, 2)
  })

  it('wants 1 to 100 ids, each once', () => {
    const { ledger } = aLedger()
    const many = Array.from({ length: 101 }, (_, index) => `off-${index}`)

    for (const ids of [[], ['off-a', 'off-a'], many]) {
      assert.equal(refused(ledger, { ...acceptAll, ids }).code, 'VALIDATION')
    }
  })
})

describe('an upgrade', () => {
  const upgrade = {
    name: 'upgradeTier',
    memberId: 'm-alice',
    ofMember: 'm-alice',
    accountId: 'acc-alice'
  } as const

  it('raises tier 1 to 3, takes the fee and ends the daily limit', () => {
    const { ledger } = aLedger()

    done(ledger, upgrade)

    const { member, accounts } = ledger.dashboard('m-alice')
    assert.deepEqual(member, {
      memberId: 'm-alice',
      tier: 3,
      firstName: 'Alice',
      lastName: 'Moyo'
    })
    assert.equal(accounts[0]?.balances['USD'], '119.00')
    offered(ledger, offer({ amount: '100' }))
  })

  it('is refused twice, for others, from foreign accounts and without the fee', () => {
    const { ledger } = aLedger()
    const code = (more: object) => refused(ledger, { ...upgrade, ...more }).code

    assert.equal(code({ ofMember: 'm-bob' }), 'FORBIDDEN')
    assert.equal(code({ accountId: 'acc-bob' }), 'FORBIDDEN')
    assert.equal(code({ accountId: 'acc-x' }), 'NOT_FOUND')
    assert.equal(
      code({ memberId: 'm-carol', ofMember: 'm-carol', accountId: 'acc-carol' }),
      'ALREADY'
    )
    done(ledger, upgrade)
    assert.equal(code({}), 'ALREADY')
    const poor = aLedger({
      ...seed,
      accounts: seed.accounts.map(account => ({ ...account, balances: { USD: '0.99' } }))
    })
    assert.equal(refused(poor.ledger, upgrade).code, 'INSUFFICIENT_BALANCE')
  })
})

describe('a ledger page', () => {
  const page = { name: 'readLedger', memberId: 'm-alice', accountId: 'acc-alice' } as const

  it('shows rows newest first and says whether more follow', () => {
    const { ledger } = aLedger({ ...seed, ledger: { 'acc-alice': { rows: 9 } } })

    const read = (startRow: number) => {
      const details = done(ledger, { ...page, startRow, numRows: 7 })
      return { rows: details['rows'] as LedgerRow[], hasMore: details['hasMore'] }
    }

    const [first, second] = [read(0), read(7)]
    assert.deepEqual([first.rows.length, first.hasMore], [7, true])
    assert.deepEqual([second.rows.length, second.hasMore], [2, false])
    const times = [...first.rows, ...second.rows].map(row => row.at)
    assert.deepEqual(times, times.toSorted().toReversed())
    assert.equal(new Set([...first.rows, ...second.rows].map(row => row.rowId)).size, 9)
    assert.deepEqual(read(9).rows, [])
  })

  it('is for those who may act for the account', () => {
    const { ledger } = aLedger()
    const read = (accountId: string) =>
      refused(ledger, { ...page, accountId, startRow: 0, numRows: 7 }).code

    assert.equal(read('acc-bob'), 'FORBIDDEN')
    assert.equal(read('acc-x'), 'FORBIDDEN')
  })
})
