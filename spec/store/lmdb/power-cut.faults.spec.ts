import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { seededRandom, systemRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { aCommit } from '../../../lib/testing/store-contract/store-check.ts'
import { type Crowd, startCrowd } from '../../support/lmdb-crowds.ts'

const IMAGES = 40

describe('an embedded store whose power is cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-power-'))
  const path = join(folder, 'data')
  let crowd: Crowd
  before(() => {
    mkdirSync(path)
    crowd = startCrowd(path, { conversations: 30, recordBytes: 900 })
  })
  after(async () => {
    await crowd.kill()
    rmSync(folder, { recursive: true })
  })

  /** The file as it stands at one instant, and what was acknowledged before that. */
  async function imageAt(to: string): Promise<ReadonlyMap<string, number>> {
    const acknowledged = new Map(crowd.acknowledged)
    process.kill(crowd.pid, 'SIGSTOP')
    mkdirSync(to)
    copyFileSync(join(path, 'data.mdb'), join(to, 'data.mdb'))
    process.kill(crowd.pid, 'SIGCONT')
    return acknowledged
  }

  it('holds in the image of any instant all that was acknowledged, whole', async () => {
    const random = seededRandom(17)
    let [commits, unheard] = [0, 0]
    await crowd.until(() => crowd.acknowledged.size === 30)
    for (let at = 1; at <= IMAGES; at += 1) {
      await setTimeout(random.fraction() * 60)
      const image = join(folder, `image-${at}`)
      const acknowledged = await imageAt(image)
      const store = lmdbStore({ path: image })
      const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
      assert.deepEqual((await store.open(secrets)).warnings, [])
      commits = 0
      for (const [id, version] of acknowledged) {
        const { fence, newestHead } = await store.load(id)
        assert.ok(fence !== null && fence.version >= version, `image ${at}: ${id} lost ${version}`)
        assert.equal(newestHead, fence.head)
        commits += version
        unheard += fence.version - version
        assert.equal((await store.commit(id, aCommit(fence))).tag, 'committed')
      }
      await store.close()
      rmSync(image, { recursive: true })
    }
    assert.deepEqual(crowd.refusals, [])
    process.stdout.write(`      ${IMAGES} images, ${commits} commits in the last, 0 lost, `)
    process.stdout.write(`${unheard} landed unheard in all\n`)
  }).timeout(180_000)
})
