import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/lmdb.ts'
import { blockedOnce } from '../support/blocked-fleet.ts'

describe('a turn that never ends, two processes on one embedded store', function () {
  this.timeout(60_000)
  let directory = ''
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-blocked-'))
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  it('counts at once, though nobody was cautious: what blocked is in the store', async () => {
    await blockedOnce({ DATA_DIR: directory }, directory, lmdbStore({ path: directory }))
  })
})
