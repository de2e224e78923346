import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore, Fence } from '../../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { begun } from '../../../lib/testing/store-contract/store-check.ts'
import { type Crowd, limitFiles, startCrowd } from '../../support/lmdb-crowds.ts'

const REFUSALS = 60

describe('an embedded store on a disk that is full', () => {
  let path: string
  let crowd: Crowd
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
    crowd = startCrowd(path, { conversations: 20, recordBytes: 3000 })
  })
  afterEach(async () => {
    await crowd.kill()
    rmSync(path, { recursive: true })
  })

  const fill = async (): Promise<void> => {
    await crowd.until(() => crowd.acknowledged.size === 20)
    await limitFiles(crowd.pid, statSync(join(path, 'data.mdb')).size + 200_000)
    await crowd.until(() => crowd.refusals.length >= REFUSALS)
  }

  it('refuses by name, and holds exactly what it acknowledged', async () => {
    await fill()

    await crowd.kill()

    for (const { refused, detail } of crowd.refusals) {
      assert.equal(refused, 'CHP_STORE_REFUSED')
      assert.match(detail, /wrote nothing: (Input\/output error|No space left|File too large)/)
    }
    const store = lmdbStore({ path })
    const { warnings } = await store.open({
      idKey: systemRandom.bytes(32),
      sealKey: systemRandom.bytes(32)
    })
    assert.deepEqual(warnings, [])
    for (const [id, version] of crowd.acknowledged) {
      assert.equal((await store.load(id)).fence?.version, version)
    }
    await store.close()
  }).timeout(30_000)

  it('goes on in the same process when there is room again', async () => {
    await fill()
    const before = new Map(crowd.acknowledged)

    await limitFiles(crowd.pid, null)

    await crowd.until(() =>
      [...before].every(([id, version]) => crowd.acknowledged.get(id)! > version + 1)
    )
  }).timeout(30_000)
})

describe('an embedded store with a largest size', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  after(() => rmSync(path, { recursive: true }))
  const opened = async (bytesMost?: number): Promise<ConversationStore> => {
    const store = lmdbStore({ path, ...(bytesMost === undefined ? {} : { bytesMost }) })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    return store
  }

  it('refuses what makes the file larger, does the rest, and goes on with more', async () => {
    const store = await opened(400_000)
    const kept: { readonly id: string; readonly fence: Fence }[] = []
    const refused: unknown = await (async () => {
      for (;;) kept.push(await begun(store, { record: 'r'.repeat(20_000), replies: ['one'] }))
    })().catch((error: unknown) => error)

    assert.equal(failureOf(refused)?.code, 'CHP_STORE_REFUSED')
    assert.match(String(failureOf(refused)?.detail), /bytesMost/)
    const size = statSync(join(path, 'data.mdb')).size
    assert.ok(size >= 400_000 && size < 500_000, String(size))
    const { id, fence } = kept[0]!
    assert.equal(await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'one' }), 'done')
    assert.equal(await store.erase(id, fence.epoch, 'e-next'), 'erased')
    assert.equal((await store.list(null, 1000)).ids.length, kept.length - 1)
    await store.close()

    const larger = await opened(1_000_000)
    await begun(larger)
    await larger.close()
  })

  it('of nothing is refused by name', () => {
    for (const bytesMost of [0, -1, Number.NaN]) {
      assert.throws(
        () => lmdbStore({ path, bytesMost }),
        error => failureOf(error)?.code === 'CHP_SETTING_INVALID'
      )
    }
  })
})
