import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../../lib/kernel/clock.ts'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { aCommit, begun, done } from '../../../lib/testing/store-contract/store-check.ts'
import { sourceOf } from '../../support/child-program.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
const LIMIT_MS = 150

describe('closing an embedded store', () => {
  let path: string
  let holder: ChildProcess | null = null

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-close-'))
  })
  afterEach(async () => {
    if (holder?.kill('SIGKILL') === true) await once(holder, 'exit')
    rmSync(path, { recursive: true })
  })

  it('does not wait longer than a call for another process that holds it', async () => {
    const store = lmdbStore({ path, commandTimeoutMs: LIMIT_MS })
    await store.open(SECRETS)
    const { id, fence } = await begun(store)
    holder = fork(sourceOf('spec/support/lmdb-holder.ts'), [path], { stdio: 'inherit' })
    await once(holder, 'message')
    const late = store.commit(id, aCommit(fence)).then(
      () => 'done',
      (error: unknown) => failureOf(error)?.code
    )

    const closed = store.close().then(() => 'closed')

    const waited = pause(systemClock, 20 * LIMIT_MS).then(() => 'waits')
    assert.equal(await Promise.race([closed, waited]), 'closed')
    assert.equal(await late, 'CHP_STORE_UNAVAILABLE')
    assert.equal(holder.exitCode, null)
  }).timeout(20_000)

  it('lets what was begun reach the disk first', async () => {
    const store = lmdbStore({ path })
    await store.open(SECRETS)
    const { id, fence } = await begun(store)
    const under = done(store, id, aCommit(fence, { record: 'last' }))

    await store.close()

    await under
    await store.open(SECRETS)
    assert.equal((await store.load(id)).record, 'last')
    await store.close()
  })
})
