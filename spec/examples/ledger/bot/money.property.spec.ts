import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  isDecimal,
  isMore,
  money,
  scaleOf,
  withScale
} from '../../../../examples/ledger/bot/money.ts'

const units = fc.bigInt({ min: 0n, max: 10n ** 24n })
const scale = fc.integer({ min: 0, max: 9 })

/** The decimal text of so many units: the law's own way to write it. */
function written(count: bigint, places: number): string {
  const whole = count / 10n ** BigInt(places)
  const part = (count % 10n ** BigInt(places)).toString().padStart(places, '0')
  return places === 0 ? `${whole}` : `${whole}.${part}`
}

describe('money', () => {
  it('keeps every unit of a decimal, however long', () => {
    fc.assert(
      fc.property(units, scale, (count, places) => {
        assert.equal(withScale(written(count, places), places), written(count, places))
      })
    )
  })

  it('writes the same amount whatever zeros stand before or after it', () => {
    fc.assert(
      fc.property(units, scale, fc.nat(5), fc.nat(5), (count, places, before, after) => {
        const text = written(count, places)
        const loose = `${'0'.repeat(before)}${text}${places === 0 ? '' : '0'.repeat(after)}`

        assert.equal(isMore(loose, text), false)
        assert.equal(isMore(text, loose), false)
        const full = Math.max(places, scaleOf(loose))
        assert.equal(withScale(loose, full), withScale(text, full))
      })
    )
  })

  it('compares as the numbers of units do, whatever the scales', () => {
    fc.assert(
      fc.property(units, scale, units, scale, (one, oneScale, other, otherScale) => {
        const scaled = one * 10n ** BigInt(otherScale) > other * 10n ** BigInt(oneScale)

        assert.equal(isMore(written(one, oneScale), written(other, otherScale)), scaled)
      })
    )
  })

  it('never cuts decimals off', () => {
    assert.equal(withScale('10.999', 2), '10.999')
    assert.equal(withScale('7', 4), '7.0000')
  })

  it('knows a debt from a balance', () => {
    assert.ok(isMore('0', '-0.01'))
    assert.equal(withScale('-1.5', 2), '-1.50')
  })

  it('takes digits with a fraction for a decimal, and nothing else', () => {
    for (const text of ['0', '12', '12.50', '-3.1', '007']) assert.ok(isDecimal(text), text)
    for (const text of ['', '.5', '5.', '1e3', '1,000', 'nan', ' 1', '+1', '１', '0x1'])
      assert.equal(isDecimal(text), false, text)
  })

  it('prints an amount before its denomination', () => {
    assert.equal(money('12.50', 'USD'), '12.50 USD')
  })
})
