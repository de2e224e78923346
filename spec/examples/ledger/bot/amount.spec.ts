import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { parseAmount, readAmount } from '../../../../examples/ledger/bot/amount.ts'
import { defaultConfig } from '../../../../examples/ledger/bot/config.ts'
import type { LedgerView } from '../../../../examples/ledger/bot/core.ts'

const none = { count: 0, offers: [] }

/** Somebody with 120.00 USD and 500.00 ZWG, of whom 50.00 USD a day are left. */
function aCore(tier = 1): Pick<LedgerView, 'member' | 'cache' | 'account'> {
  const balances = { USD: '120.00', ZWG: '500.00' }
  const names = { accountId: 'a', handle: 'ana', name: 'Ana', owned: true }
  return {
    member: {
      memberId: 'm',
      tier,
      firstName: 'Ana',
      lastName: 'Lima',
      dailyLimitRemaining: { USD: '50.00' }
    },
    account: 'a',
    cache: { accounts: [{ ...names, balances, incoming: none, outgoing: none }] }
  }
}

function read(said: string, core = aCore()): unknown {
  const result = readAmount(said, defaultConfig, core)
  return E.isRight(result) ? result.right : result.left.key
}

describe('an amount', () => {
  const taken: readonly (readonly [string, string, string])[] = [
    ['25', '25.00', 'USD'],
    ['12.5', '12.50', 'USD'],
    ['0012.50', '12.50', 'USD'],
    ['zwg 99.99', '99.99', 'ZWG'],
    ['99.99 Zwg', '99.99', 'ZWG'],
    ['ZWG \t 100', '100.00', 'ZWG'],
    ['50', '50.00', 'USD'],
    ['500 ZWG', '500.00', 'ZWG']
  ]
  for (const [said, amount, denom] of taken)
    it(`"${said}" is ${amount} ${denom}`, () => {
      assert.deepEqual(read(said), { amount, denom })
    })

  const refused: readonly (readonly [string, string])[] = [
    ['', 'err.amount'],
    ['abc', 'err.amount'],
    ['-5', 'err.amount'],
    ['+5', 'err.amount'],
    ['0', 'err.amount'],
    ['0.00', 'err.amount'],
    ['USD', 'err.amount'],
    ['1 2 3', 'err.amount'],
    ['5 5', 'err.amount'],
    ['5 USD USD', 'err.amount'],
    ['5USD', 'err.amount'],
    ['nan', 'err.amount'],
    ['inf', 'err.amount'],
    ['1e3', 'err.amount'],
    ['1_000', 'err.amount'],
    ['1,000', 'err.amount'],
    ['.5', 'err.amount'],
    ['5.', 'err.amount'],
    ['0x10', 'err.amount'],
    ['５', 'err.amount'],
    ['1000000000000000', 'err.amount'],
    ['10 EUR', 'err.amount.denom'],
    ['10.999 EUR', 'err.amount.denom'],
    ['5 constructor', 'err.amount.denom'],
    ['10.999', 'err.amount.precision'],
    ['0.00001 XAU', 'err.amount.precision'],
    ['50.01', 'err.amount.limit'],
    ['600', 'err.amount.limit'],
    ['500.01 ZWG', 'err.amount.balance'],
    ['0.001 CRU', 'err.amount.balance']
  ]
  for (const [said, key] of refused)
    it(`"${said}" is refused by ${key}`, () => {
      assert.equal(read(said), key)
    })

  it('names the denominations there are', () => {
    const result = parseAmount('10 EUR', defaultConfig)

    assert.ok(E.isLeft(result))
    assert.deepEqual(result.left.params, { denominations: 'CAD, CRU, USD, XAU, ZWG' })
  })

  it('says what is left of the limit and of the balance', () => {
    const overLimit = readAmount('60', defaultConfig, aCore())
    const overBalance = readAmount('600 ZWG', defaultConfig, aCore())

    assert.ok(E.isLeft(overLimit) && E.isLeft(overBalance))
    assert.deepEqual(overLimit.left.params, { left: '50.00 USD' })
    assert.deepEqual(overBalance.left.params, { balance: '500.00 ZWG' })
  })

  it('has no daily limit above tier 1, and no limit at all from tier 5 on', () => {
    assert.deepEqual(read('120', aCore(2)), { amount: '120.00', denom: 'USD' })
    assert.equal(read('120.01', aCore(4)), 'err.amount.balance')
    assert.deepEqual(read('999999 CRU', aCore(5)), { amount: '999999.000', denom: 'CRU' })
  })

  it('is left to the ledger when nothing is known of the account', () => {
    const unknown = { member: null, account: null, cache: null }

    assert.deepEqual(read('600 ZWG', unknown), { amount: '600.00', denom: 'ZWG' })
    assert.equal(read('600 EUR', unknown), 'err.amount.denom')
  })

  it('without a word is of the default denomination of the bot', () => {
    const result = parseAmount('5.125', { ...defaultConfig, defaultDenomination: 'CRU' })

    assert.deepEqual(result, E.right({ amount: '5.125', denom: 'CRU' }))
  })
})
