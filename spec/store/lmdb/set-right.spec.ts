import assert from 'node:assert/strict'
import {
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { Fence } from '../../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { setRight } from '../../../lib/store/lmdb/set-right.ts'
import { aCommit, anId } from '../../../lib/testing/store-contract/store-check.ts'

const NEWEST_AT = 8

describe('an embedded store beside a process that opens its file', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  after(() => rmSync(path, { recursive: true }))

  it('loses no commit when that one takes an older for the newest, time and again', async () => {
    const store = lmdbStore({ path })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    const id = anId()
    // Never closed: the locks of the library would go with it.
    const locks = openSync(join(path, 'lock.mdb'), 'r+')
    let fence: Fence | null = null
    for (let version = 1; version <= 20; version += 1) {
      const outcome = await store.commit(id, aCommit(fence, { record: `r${version}` }))
      assert.equal(outcome.tag, 'committed')
      fence = outcome.fence
      assert.equal(fence.version, version)
      if (version % 3 === 0) turnBack(locks)
    }
    const { record } = await store.load(id)
    assert.equal(record, 'r20')
    await store.close()
    const again = lmdbStore({ path })
    const { warnings } = await again.open({
      idKey: systemRandom.bytes(32),
      sealKey: systemRandom.bytes(32)
    })
    assert.deepEqual(warnings, [])
    await again.close()
  })

  it('writes nothing where the newest commit is not told where it is known to be', () => {
    const directory = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
    const other = Buffer.alloc(64, 7)
    writeFileSync(join(directory, 'lock.mdb'), other)
    const database = { getStats: () => ({ lastTxnId: 12 }), getWriteTxnId: () => 12 }

    assert.throws(() => setRight(database as never, directory), /lock\.mdb is not as it is known/)
    assert.deepEqual(readFileSync(join(directory, 'lock.mdb')), other)
    rmSync(directory, { recursive: true })
  })
})

/** What the library does in a process that opens the file while another commits. */
function turnBack(locks: number): void {
  const bytes = Buffer.alloc(8)
  readSync(locks, bytes, 0, bytes.length, NEWEST_AT)
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE() - 1n)
  writeSync(locks, bytes, 0, bytes.length, NEWEST_AT)
}
