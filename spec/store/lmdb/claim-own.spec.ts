import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { begun } from '../../../lib/testing/store-contract/store-check.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
const DUE = 600

describe('what a restarted process left in an embedded store', () => {
  let path: string
  let store: ConversationStore

  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-own-'))
    store = lmdbStore({ path })
    await store.open(SECRETS)
    await Promise.all(Array.from({ length: DUE }, async () => begun(store, { dueMs: 1 })))
  })
  afterEach(async () => {
    await store.close()
    rmSync(path, { recursive: true })
  })

  it('is looked for while others commit, who do not wait for the whole walk', async () => {
    const ended: string[] = []

    const walk = store.claimOwn('nobody', 32, 10_000).then(own => {
      ended.push('walk')
      return own
    })
    await turn()
    await begun(store).then(() => ended.push('commit'))

    assert.deepEqual(await walk, [])
    assert.deepEqual(ended, ['commit', 'walk'])
  })

  it('is found whole, page by page, each once', async () => {
    const found: string[] = []
    for (;;) {
      const page = await store.claimOwn('contract', 32, 10_000)
      assert.ok(page.length <= 32)
      if (page.length === 0) break
      found.push(...page)
    }
    assert.equal(found.length, DUE)
    assert.equal(new Set(found).size, DUE)
  })
})
