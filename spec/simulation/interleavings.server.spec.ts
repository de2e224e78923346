import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/lmdb.ts'
import { livesInEveryOrder } from './in-every-order.ts'

describe('two runtimes on one embedded store, in every order of its answers', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-orders-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('take every message once, in one order, and send what they committed', async () => {
    await livesInEveryOrder(round => lmdbStore({ path: join(folder, `${round}`) }), 25)
  }).timeout(60_000)
})
