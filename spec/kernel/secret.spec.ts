import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { Secret, SecretText } from '../../lib/kernel/secret.ts'

describe('a secret', () => {
  const secret = Secret.of('hunter2')

  it('is told by reveal alone', () => {
    assert.equal(secret.reveal(), 'hunter2')
    const seen = [
      String(secret),
      `${secret.toString()}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(Object.getOwnPropertyDescriptors(secret))
    ]
    for (const text of seen) assert.equal(text.includes('hunter2'), false, text)
    assert.equal(JSON.stringify(secret), '"[redacted]"')
  })

  it('cannot be changed', () => {
    assert.throws(() => Object.assign(secret, { extra: 1 }), TypeError)
  })

  it('equals another of the same text only', () => {
    assert.equal(secret.equals(Secret.of('hunter2')), true)
    assert.equal(secret.equals(Secret.of('hunter3')), false)
  })

  it('is all its codec takes: no plain text passes for one', () => {
    assert.ok(isRight(SecretText.decode(secret)))
    assert.ok(isLeft(SecretText.decode('hunter2')))
    assert.ok(isLeft(SecretText.decode({})))
    assert.equal(SecretText.is(secret), true)
    assert.equal(SecretText.is('hunter2'), false)
  })

  it('that was not made by of is empty', () => {
    assert.equal(new Secret().reveal(), '')
  })
})
