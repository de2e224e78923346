import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { anEpoch } from '../../../lib/testing/store-contract/store-check.ts'
import { holdsApart } from '../../support/hostile-addresses.ts'
import { CANARY, planted, staysApart } from '../../support/planted-conversation.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

describe('all that an embedded store holds of a conversation', () => {
  let path: string
  let store: ConversationStore
  let other: ConversationStore

  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-whole-'))
    store = lmdbStore({ path })
    other = lmdbStore({ path, namespace: 'other' })
    for (const each of [store, other]) await each.open(SECRETS)
  })
  afterEach(async () => {
    await Promise.all([store.close(), other.close()])
    rmSync(path, { recursive: true })
  })

  // As another process would read them.
  async function entries(): Promise<readonly (readonly [key: string, value: string])[]> {
    const database = open<string, string>({ path, noSubdir: false, encoding: 'string' })
    const all = Array.from(database.getRange(), ({ key, value }) => [key, value] as const)
    await database.close()
    return all
  }

  it('is apart from that of every other address, however hostile', async () => {
    await holdsApart(store)
    await holdsApart(memoryStore())
  })

  it('is in its export, text by text', async () => {
    const { id, alias } = await planted(store)

    const exported = await store.export(id)

    const told = JSON.stringify(exported)
    const own = (await entries()).filter(([key]) => key.includes(`:c:${id}:`))
    assert.ok(own.length > 10)
    for (const [key, value] of own) {
      if (/:(s|d\d+)$/.test(key)) continue
      const text = /:[hi]\d+$/.test(key) ? value.slice(value.indexOf(' ') + 1) : value
      assert.ok(told.includes(JSON.stringify(text).slice(1, -1)), key)
    }
    assert.ok(told.includes(alias))
    assert.deepEqual(exported.rest, {})
  })

  it('is gone from every entry after an erase, and from a compact copy of the file', async () => {
    const { id, alias, fence } = await planted(store)
    const before = await entries()
    assert.ok(before.some(([key, value]) => `${key}${value}`.includes(CANARY)))

    assert.equal(await store.erase(id, fence.epoch, anEpoch()), 'erased')

    const left = await entries()
    const naming = left.filter(([key, value]) => `${key} ${value}`.includes(id))
    assert.deepEqual(
      naming.map(([key]) => key.split(':').at(-1)),
      ['d3', 's']
    )
    assert.ok(!left.some(([key, value]) => `${key} ${value}`.includes(CANARY)))
    assert.ok(!left.some(([key, value]) => `${key} ${value}`.includes(alias)))
    const database = open<string, string>({ path, noSubdir: false, encoding: 'string' })
    mkdirSync(join(path, 'copy'))
    await database.backup(join(path, 'copy'), true)
    await database.close()
    const copy = readFileSync(join(path, 'copy', 'data.mdb'), 'latin1')
    assert.ok(copy.includes(id), 'the tombstone is there')
    assert.ok(!copy.includes(CANARY) && !copy.includes(alias))
  })

  it('is out of reach of another namespace, whatever is done there', async () => {
    await staysApart(store, other, async () =>
      (await entries()).filter(([key]) => key.startsWith('chp:main:'))
    )
  })
})
