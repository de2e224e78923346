import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { parseAmount } from '../../../../examples/ledger/bot/amount.ts'
import { defaultConfig } from '../../../../examples/ledger/bot/config.ts'
import { readHandle } from '../../../../examples/ledger/bot/handle.ts'
import { isMore, scaleOf } from '../../../../examples/ledger/bot/money.ts'

const { denominations } = defaultConfig
const denom = fc.constantFrom(...Object.keys(denominations))
const anyCase = (word: string) =>
  fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length }).map(upper =>
    word
      .split('')
      .map((one, at) => (upper[at] ? one : one.toLowerCase()))
      .join('')
  )
const blanks = fc.stringMatching(/^[ \t]{1,4}$/)
const nobody = { cache: null }

describe('the grammar of amounts', () => {
  it('reads a number and a denomination in either order, in any case, to the full scale', () => {
    const typed = denom.chain(code =>
      fc.record({
        code: fc.constant(code),
        word: anyCase(code),
        whole: fc.bigInt({ min: 1n, max: 999_999_999_999_999n }),
        places: fc.nat(denominations[code] ?? 0),
        part: fc.stringMatching(/^\d{9}$/),
        gap: blanks,
        first: fc.boolean()
      })
    )
    fc.assert(
      fc.property(typed, ({ code, word, whole, places, part, gap, first }) => {
        const number = places === 0 ? `${whole}` : `${whole}.${part.slice(0, places)}`

        const read = parseAmount(first ? word + gap + number : number + gap + word, defaultConfig)

        assert.ok(E.isRight(read))
        assert.equal(read.right.denom, code)
        assert.equal(scaleOf(read.right.amount), denominations[code])
        assert.ok(!isMore(read.right.amount, number) && !isMore(number, read.right.amount))
      })
    )
  })

  it('gives for any text at all a canonical amount above zero, or a refusal', () => {
    const letters = fc.constantFrom(...'0123456789.,-+eE_ \tUSDusdxXnN\u0661\uff15'.split(''))
    const text = fc.oneof(fc.string(), fc.string({ unit: letters, maxLength: 12 }))
    fc.assert(
      fc.property(text, said => {
        const read = parseAmount(said.trim(), defaultConfig)

        if (E.isLeft(read)) return assert.match(read.left.key, /^err\.amount/)
        assert.match(read.right.amount, /^(0|[1-9]\d*)(\.\d+)?$/)
        assert.ok(isMore(read.right.amount, '0'))
        assert.ok(Object.hasOwn(denominations, read.right.denom))
        const again = parseAmount(`${read.right.amount} ${read.right.denom}`, defaultConfig)
        assert.deepEqual(again, read)
      }),
      { numRuns: 500 }
    )
  })
})

describe('the grammar of handles', () => {
  it('takes 1 to 30 letters, digits and underscores, with or without @, in any case', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^@?[A-Za-z0-9_]{1,30}$/), said => {
        const handle = said.replace('@', '').toLowerCase()

        assert.deepEqual(readHandle(said, nobody), E.right({ handle }))
      })
    )
  })

  it('gives for any text at all a plain handle, or a refusal', () => {
    const letters = fc.constantFrom(...'abzAZ019_@ !-.\u212a\u0130\u017f\u00e9'.split(''))
    const text = fc.oneof(fc.string(), fc.string({ unit: letters, maxLength: 33 }))
    fc.assert(
      fc.property(text, said => {
        const read = readHandle(said, nobody)

        if (E.isLeft(read)) assert.equal(read.left.key, 'err.handle.format')
        else assert.match(read.right.handle, /^[a-z0-9_]{1,30}$/)
      }),
      { numRuns: 500 }
    )
  })

  it('refuses what looks like a letter and is none', () => {
    for (const said of ['\u212aate', 'bob store!', '@', '@@bob', 'a'.repeat(31), 'bob\n'])
      assert.ok(E.isLeft(readHandle(said, nobody)), said)
  })
})
