import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { failureOf } from '../../lib/kernel/failure.ts'
import { keyIdOf, keyRing } from '../../lib/store/seal.ts'

const K1 = new Uint8Array(32).fill(1)
const K2 = new Uint8Array(32).fill(2)
const ring = keyRing({ active: 'k1', keys: { k1: K1 } })
const place = ['conversation', 'epoch', 'core', 'token']

describe('a key ring', () => {
  it('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (text, parts) => {
        assert.deepEqual(ring.open(ring.seal(text, parts), parts), E.right(text))
      })
    )
  })

  it('seals the same text differently each time', () => {
    assert.notEqual(ring.seal('token', place), ring.seal('token', place))
  })

  it('opens with an older key after a rotation and seals with the new one', () => {
    const rotated = keyRing({ active: 'k2', keys: { k1: K1, k2: K2 } })

    assert.deepEqual(rotated.open(ring.seal('token', place), place), E.right('token'))
    assert.equal(keyIdOf(rotated.seal('token', place)), 'k2')
  })

  it('refuses another place, however its parts are cut', () => {
    const sealed = ring.seal('token', ['ab', 'c'])

    for (const other of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['ab', 'd']]) {
      const opened = ring.open(sealed, other)
      assert.equal(E.isLeft(opened) && opened.left.code, 'CHP_SEAL_KEY_UNKNOWN')
    }
  })

  it('names the key it does not have', () => {
    const sealed = keyRing({ active: 'k9', keys: { k9: K2 } }).seal('token', place)

    const opened = ring.open(sealed, place)

    assert.ok(E.isLeft(opened))
    assert.equal(opened.left.code, 'CHP_SEAL_KEY_UNKNOWN')
    assert.match(opened.left.detail, /"k9"/)
  })

  it('refuses another key of the same name and every changed character', () => {
    const sealed = ring.seal('token', place)
    const other = keyRing({ active: 'k1', keys: { k1: K2 } })
    assert.ok(E.isLeft(other.open(sealed, place)))

    for (let at = 0; at < sealed.length; at += 1) {
      for (const letter of ['A', 'b', '_', '=', ' ']) {
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1)
        assert.equal(E.isLeft(ring.open(changed, place)), changed !== sealed)
      }
    }
  })

  it('refuses a ring that cannot work, by name', () => {
    const refused = (given: Parameters<typeof keyRing>[0], pattern: RegExp): void => {
      assert.throws(
        () => keyRing(given),
        error => {
          const failed = failureOf(error)
          return failed?.code === 'CHP_SETTING_INVALID' && pattern.test(failed.detail)
        }
      )
    }

    refused({ active: 'k2', keys: { k1: K1 } }, /"k2" is not in the ring/)
    refused({ active: 'k1', keys: { k1: new Uint8Array(16) } }, /"k1" has 16 bytes instead of 32/)
    refused({ active: 'k.1', keys: { 'k.1': K1 } }, /"k\.1"/)
    refused({ active: '__proto__', keys: { k1: K1 } }, /"__proto__" is not in the ring/)
  })
})
