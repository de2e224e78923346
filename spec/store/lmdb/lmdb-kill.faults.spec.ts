import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, systemRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { aCommit } from '../../../lib/testing/store-contract/store-check.ts'
import { type Crowd, startCrowd } from '../../support/lmdb-crowds.ts'

const ROUNDS = 40
const SIZE = { conversations: 40, recordBytes: 700 } as const

describe('an embedded store whose processes are killed', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  after(() => rmSync(path, { recursive: true }))

  it('has every commit that was acknowledged, whichever process was killed when', async () => {
    const random = seededRandom(11)
    const acknowledged = new Map<string, number>()
    const note = (crowd: Crowd): void => {
      for (const [id, version] of crowd.acknowledged) acknowledged.set(id, version)
    }
    // One process goes on through every kill of the others.
    const witness = startCrowd(path, SIZE)
    for (let round = 1; round <= ROUNDS; round += 1) {
      const crowd = startCrowd(path, SIZE)
      const mostly = 20 + Math.floor(random.fraction() * 400)
      await crowd.until(() => [...crowd.acknowledged.values()].reduce(sum, 0) >= mostly)
      const seen = [...witness.acknowledged.values()].reduce(sum, 0)
      await crowd.kill()
      note(crowd)
      await witness.until(() => [...witness.acknowledged.values()].reduce(sum, 0) > seen + 40)
      assert.deepEqual([...crowd.refusals, ...witness.refusals], [])
    }
    await witness.kill()
    note(witness)

    const store = lmdbStore({ path })
    const { warnings } = await store.open({
      idKey: systemRandom.bytes(32),
      sealKey: systemRandom.bytes(32)
    })
    assert.deepEqual(warnings, [])
    let unheard = 0
    for (const [id, version] of acknowledged) {
      const { fence, newestHead } = await store.load(id)
      assert.ok(fence !== null && fence.version >= version, `${id} lost ${version}`)
      assert.equal(newestHead, fence.head)
      unheard += fence.version - version
      assert.equal((await store.commit(id, aCommit(fence))).tag, 'committed')
    }
    await store.close()
    const commits = [...acknowledged.values()].reduce(sum, 0)
    assert.ok(acknowledged.size === (ROUNDS + 1) * SIZE.conversations)
    process.stdout.write(
      `      ${ROUNDS} kills: ${commits} acknowledged, 0 lost, ${unheard} more had landed\n`
    )
  }).timeout(300_000)
})

function sum(one: number, other: number): number {
  return one + other
}
