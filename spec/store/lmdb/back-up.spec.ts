import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { backUpLmdb } from '../../../lib/store/lmdb/back-up.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { aCommit, begun, done } from '../../../lib/testing/store-contract/store-check.ts'
import { startCrowd } from '../../support/lmdb-crowds.ts'

describe('a backup of an embedded store', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const opened = async (path: string): Promise<ConversationStore> => {
    const store = lmdbStore({ path })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    return store
  }

  it('is taken while another process commits, and holds a state it was in', async () => {
    const [data, copy] = [join(folder, 'data'), join(folder, 'copies', 'one')]
    mkdirSync(data)
    const crowd = startCrowd(data, { conversations: 10, recordBytes: 500 })
    await crowd.until(() => crowd.acknowledged.size === 10)
    const before = new Map(crowd.acknowledged)

    const bytes = await backUpLmdb(data, copy)

    const seen = [...crowd.acknowledged.values()].reduce((sum, each) => sum + each, 0)
    await crowd.until(
      () => [...crowd.acknowledged.values()].reduce((sum, each) => sum + each, 0) > seen
    )
    await crowd.kill()
    assert.equal(bytes, statSync(join(copy, 'data.mdb')).size)
    const store = await opened(copy)
    for (const [id, version] of before) {
      const { fence, newestHead } = await store.load(id)
      assert.ok(fence !== null && fence.version >= version)
      assert.equal(newestHead, fence.head)
      assert.equal((await done(store, id, aCommit(fence))).fence.version, fence.version + 1)
    }
    await store.close()
  }).timeout(20_000)

  it('has the keys of the store, so that its conversations are found', async () => {
    const path = join(folder, 'data')
    const original = await opened(path)
    const { id } = await begun(original, { record: 'kept' })
    const { secrets } = await original.open({
      idKey: new Uint8Array(32),
      sealKey: new Uint8Array(32)
    })
    await original.close()

    await backUpLmdb(path, join(folder, 'copy'))

    const copy = lmdbStore({ path: join(folder, 'copy') })
    const again = await copy.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    assert.deepEqual(again.secrets, secrets)
    assert.equal((await copy.load(id)).record, 'kept')
    await copy.close()
  })

  it('is refused by name, with nothing written, where it cannot be taken', async () => {
    const path = join(folder, 'data')
    await (await opened(path)).close()
    writeFileSync(join(folder, 'file'), 'no directory')
    const refusal = async (from: string, to: string): Promise<string> => {
      const error: unknown = await backUpLmdb(from, to).catch((failed: unknown) => failed)
      return `${failureOf(error)?.code} ${failureOf(error)?.detail}`
    }

    assert.match(
      await refusal(join(folder, 'none'), join(folder, 'a')),
      /INVALID There is no store/
    )
    assert.match(await refusal(path, path), /INVALID There is a store in .* already/)
    assert.match(
      await refusal(path, join(folder, 'file')),
      /INVALID The backup could not be written/
    )
    assert.deepEqual(readdirSync(folder).toSorted(), ['data', 'file'])
  })
})
