import assert from 'node:assert/strict'
import fc from 'fast-check'
import { unplainPath } from '../../lib/kernel/plain-data.ts'
import { Secret } from '../../lib/kernel/secret.ts'

describe('unplainPath', () => {
  it('finds nothing in anything that JSON gives back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        assert.equal(unplainPath(plain), null)
      })
    )
  })

  const strays: readonly (readonly [string, unknown, string])[] = [
    ['not a number', { a: { b: Number.NaN } }, 'a.b'],
    ['infinity', [1, Number.POSITIVE_INFINITY], '[1]'],
    ['a big integer', { n: 1n }, 'n'],
    ['a date', { at: new Date(0) }, 'at'],
    ['a map', { m: new Map() }, 'm'],
    ['a function', { f: () => 1 }, 'f'],
    ['a hole in an array', { list: [1, undefined] }, 'list[1]'],
    ['a field named __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'a.__proto__'],
    ['a secret', { token: Secret.of('x') }, 'token'],
    ['nothing at all', undefined, 'the value']
  ]
  for (const [what, value, path] of strays)
    it(`names the place of ${what}`, () => {
      assert.equal(unplainPath(value), path)
    })

  it('ends on a value that holds itself', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle

    assert.match(unplainPath(circle) ?? '', /^self(\.self){63}$/)
  })

  it('lets secrets through where they are asked for, and absent fields everywhere', () => {
    assert.equal(unplainPath({ token: Secret.of('x') }, { secrets: true }), null)
    assert.equal(unplainPath({ a: undefined, b: 1 }), null)
  })
})
