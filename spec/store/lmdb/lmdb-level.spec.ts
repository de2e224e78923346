import assert from 'node:assert/strict'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { type LmdbStoreOptions, lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'

describe('the durability level of the embedded store', () => {
  it('is embedded, named or not', () => {
    for (const level of [{}, { durability: 'embedded' as const }]) {
      assert.equal(lmdbStore({ path: 'nowhere', ...level }).name, 'lmdb')
    }
  })

  it('is no other: that is refused by name', () => {
    const options = { path: 'nowhere', durability: 'always' } as unknown as LmdbStoreOptions

    assert.throws(
      () => lmdbStore(options),
      error => failureOf(error)?.code === 'CHP_SETTING_INVALID'
    )
  })
})
