import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/lmdb.ts'
import { aCommit, anId, done } from '../../../lib/testing/store-contract/store-check.ts'
import { type ChildProgram, sourceOf, startProgram } from '../../support/child-program.ts'

describe('a process that ends itself while the embedded store writes', function () {
  this.timeout(30_000)
  let directory = ''
  let programs: readonly ChildProgram[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-leaves-'))
  })
  afterEach(async () => {
    await Promise.all(programs.map(async program => program.end('SIGKILL')))
    rmSync(directory, { recursive: true, force: true })
  })

  it('ends at whatever step of a transaction, and keeps nobody from writing', async () => {
    programs = ['0', '1', '2', '3'].map(TURNS =>
      startProgram(sourceOf('spec/support/lmdb-leaver.ts'), { DATA_DIR: directory, TURNS })
    )

    const codes = await Promise.all(programs.map(async ({ ended }) => ended))

    // Null: by a signal, where the exit would have waited for what can never be done.
    for (const code of codes) assert.ok(code === 3 || code === null, String(code))
    for (const { log } of programs) assert.equal(log.length, 1)
    const store = lmdbStore({ path: directory })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    await done(store, anId(), aCommit(null))
    await store.close()
  })
})
