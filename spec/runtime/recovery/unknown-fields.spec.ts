import assert from 'node:assert/strict'
import * as t from 'io-ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { withUnknown } from '../../../lib/runtime/recovery/unknown-fields.ts'

const Strict = t.strict({ a: t.number, inner: t.strict({ b: t.string }) })
const decoded = (value: unknown): object => {
  const result = Strict.decode(value)
  return result._tag === 'Right' ? result.right : assert.fail('it does not decode')
}

describe('a value decoded by a codec that knows less', () => {
  it('has the fields again that were left out, at any depth', () => {
    const stored = { a: 1, more: [1], inner: { b: 'x', c: { d: null } } }

    assert.deepEqual(withUnknown(decoded(stored), stored), stored)
  })

  it('is the very same where nothing was', () => {
    const stored = { a: 1, inner: { b: 'x' } }
    const known = decoded(stored)

    assert.equal(withUnknown(known, stored), known)
  })

  it('keeps what the codec made of a field, and every secret shut', () => {
    const token = Secret.of('x')
    const made = { when: 5, token, list: [{ a: 1 }] }

    const kept = withUnknown<object>(made, { when: '5', token, list: [{ a: 1, b: 2 }], new: 1 })

    assert.deepEqual(kept, { ...made, new: 1 })
  })

  it('takes no field for a prototype', () => {
    const stored = JSON.parse('{"a":1,"inner":{"b":"x"},"__proto__":{"c":1}}') as object

    const kept = withUnknown(decoded(stored), stored)

    assert.equal(Object.getPrototypeOf(kept), Object.prototype)
    assert.ok(Object.hasOwn(kept, '__proto__'))
  })
})
