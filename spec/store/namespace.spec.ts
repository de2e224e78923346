import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { checkedNamespace } from '../../lib/store/namespace.ts'

describe('a namespace', () => {
  it('is used as it is', () => {
    assert.equal(checkedNamespace('Bot_1.prod-eu'), 'Bot_1.prod-eu')
  })

  for (const name of ['', 'a:b', 'a b', '{a}', 'a*', 'é', 'x'.repeat(65), 'a\n', '\0']) {
    it(`is refused as ${JSON.stringify(name).slice(0, 12)}`, () => {
      assert.throws(
        () => checkedNamespace(name),
        error => failureOf(error)?.code === 'CHP_SETTING_INVALID'
      )
    })
  }
})
