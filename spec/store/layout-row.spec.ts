import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { layoutRow, secretsOf } from '../../lib/store/layout-row.ts'

const secrets = { idKey: new Uint8Array(32).fill(1), sealKey: new Uint8Array(32).fill(2) }

describe('the layout row', () => {
  it('gives back the keys it was made from', () => {
    assert.deepEqual(secretsOf(layoutRow(secrets)), secrets)
  })

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['of a newer layout', layoutRow(secrets).replace('"layout":1', '"layout":2'), /layout 2/],
    ['that is no JSON', 'x', /does not read/],
    ['that is empty', '', /does not read/],
    ['that is null', 'null', /does not read/],
    ['without keys', '{"layout":1}', /idKey/],
    ['with a short key', layoutRow({ ...secrets, sealKey: new Uint8Array(5) }), /sealKey/]
  ]
  for (const [what, row, pattern] of wrong) {
    it(`${what} is refused by name`, () => {
      assert.throws(
        () => secretsOf(row),
        error => {
          const failed = failureOf(error)
          return failed?.code === 'CHP_STORE_LAYOUT' && pattern.test(failed.detail)
        }
      )
    })
  }
})
