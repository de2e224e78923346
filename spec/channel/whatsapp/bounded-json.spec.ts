import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { DEPTH_MAX, KEYS_MAX, parseBounded } from '../../../lib/channel/whatsapp/bounded-json.ts'

describe('parseBounded', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const keys = (count: number): string =>
    `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`

  const refused: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['an empty body', '', /not JSON/],
    ['a body cut short', '{"entry":[', /not JSON/],
    ['a form', 'entry=1&x=2', /not JSON/],
    ['a byte order mark', '\ufeff{}', /not JSON/],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xc3, 0x28, 0x22), /not JSON/],
    ['compressed bytes', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), /not JSON/],
    ['nesting over the limit', nested(DEPTH_MAX + 1), /deeper than 32/],
    ['3 MB of brackets', '['.repeat(3 * 1024 * 1024), /deeper than 32/],
    ['keys over the limit', keys(KEYS_MAX + 1), /more than 50000 keys/]
  ]
  for (const [what, body, why] of refused)
    it(`refuses ${what}`, () => {
      const parsed = parseBounded(Buffer.from(body))

      assert.ok(E.isLeft(parsed))
      assert.match(parsed.left, why)
    })

  it('accepts nesting and keys up to the limits', () => {
    assert.ok(E.isRight(parseBounded(Buffer.from(nested(DEPTH_MAX)))))
    assert.ok(E.isRight(parseBounded(Buffer.from(keys(KEYS_MAX)))))
  })

  it('counts no bracket, quote or colon that stands in a text', () => {
    const brackets = '[{'.repeat(100)
    const tricky = [brackets, `"${brackets}`, `\\"${brackets}`, '\\', ':'.repeat(KEYS_MAX + 1)]

    assert.deepEqual(parseBounded(Buffer.from(JSON.stringify(tricky))), E.right(tricky))
  })

  it('gives what JSON.parse gives for every value within the limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
        const text = JSON.stringify(value)

        assert.deepEqual(parseBounded(Buffer.from(text)), E.right(JSON.parse(text)))
      })
    )
  })
})
