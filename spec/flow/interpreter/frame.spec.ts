import assert from 'node:assert/strict'
import * as t from 'io-ts'
import { fieldsOf } from '../../../lib/flow/interpreter/frame.ts'

const parts = [t.type({ a: t.string }), t.partial({ b: t.string })] as const

describe('the fields of flow data', () => {
  it('are read from a codec however it is put together', () => {
    for (const codec of [
      t.intersection([...parts]),
      t.exact(t.intersection([...parts])),
      t.readonly(t.intersection([t.strict({ a: t.string }), t.exact(parts[1])]))
    ])
      assert.deepEqual([...(fieldsOf(codec) ?? [])], ['a', 'b'])
  })

  it('are unknown when one part of the codec does not tell them', () => {
    assert.equal(fieldsOf(t.record(t.string, t.string)), null)
    assert.equal(fieldsOf(t.intersection([parts[0], t.record(t.string, t.unknown)])), null)
  })
})
