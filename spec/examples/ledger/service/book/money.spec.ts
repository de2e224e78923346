import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import {
  formatMoney,
  parseMoney,
  standardDenominations
} from '../../../../../examples/ledger/service/book/money.ts'

const denoms = Object.keys(standardDenominations)

describe('money', () => {
  it('is written and read back without loss, in every denomination', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...denoms),
        fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
        (denom, units) => {
          const text = formatMoney(standardDenominations, units, denom)

          assert.deepEqual(parseMoney(standardDenominations, text, denom), E.right(units))
        }
      )
    )
  })

  it('is written with the full scale of its denomination', () => {
    assert.equal(formatMoney(standardDenominations, 40001n, 'ZWG'), '400.01')
    assert.equal(formatMoney(standardDenominations, 12n, 'XAU'), '0.0012')
    assert.equal(formatMoney(standardDenominations, 5n, 'CRU'), '0.005')
    assert.equal(formatMoney(standardDenominations, -7n, 'USD'), '-0.07')
    assert.equal(formatMoney({ PCS: 0 }, 7n, 'PCS'), '7')
  })

  it('is read without its trailing zeros, too', () => {
    assert.deepEqual(parseMoney(standardDenominations, '12.5', 'USD'), E.right(1250n))
    assert.deepEqual(parseMoney(standardDenominations, '12', 'XAU'), E.right(120_000n))
  })

  for (const text of ['', ' 1', '-1', '+1', '.5', '5.', '1e3', '1,000', 'nan', '0x1', '1_0', '１'])
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseMoney(standardDenominations, text, 'USD'), E.left('malformed'))
    })

  it('has no more decimals than its denomination, zeros included', () => {
    assert.deepEqual(parseMoney(standardDenominations, '1.000', 'USD'), E.left('too many decimals'))
  })

  it('has a denomination of the ledger, not one of the language', () => {
    for (const denom of ['EUR', 'usd', 'constructor', '__proto__']) {
      assert.deepEqual(
        parseMoney(standardDenominations, '1.00', denom),
        E.left('unknown denomination')
      )
    }
  })
})
