import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
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
