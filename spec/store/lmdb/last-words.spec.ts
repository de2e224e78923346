import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../../lib/lmdb.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { writtenAside } from '../../support/written-aside.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

describe('a thread that writes the row of its process beside an embedded store', () => {
  let directory = ''
  let store: ConversationStore
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-words-'))
    store = lmdbStore({ path: directory })
    await store.open(SECRETS)
  })
  afterEach(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const left = (): readonly string[] =>
    readdirSync(directory).filter(file => file.startsWith('blocked'))
  const rowOf = async (process: string, asks: string): Promise<string | undefined> => {
    const { rows } = await store.keepProcess!(asks, '', [])
    return rows.find(({ name }) => name === process)?.row
  }

  it('is heard at the next look of anybody, once and for good', async () => {
    await store.keepProcess!('p/1', '', [])

    await writtenAside(store, 'p/1', 'x blocked {}')

    assert.equal(left().length, 1)
    assert.equal(await rowOf('p/1', 'p/2'), 'x blocked {}')
    assert.deepEqual(left(), [])
    assert.equal(await rowOf('p/1', 'p/2'), 'x blocked {}')
  })

  it('is not heard where its process went on, or had stopped', async () => {
    await store.keepProcess!('p/1', '', [])
    await writtenAside(store, 'p/1', 'x blocked {}')
    await writtenAside(store, 'p/3', 'y blocked {}')

    await store.keepProcess!('p/1', 'busy', [])

    assert.equal(await rowOf('p/1', 'p/2'), 'busy')
    assert.equal(await rowOf('p/3', 'p/2'), undefined)
    assert.deepEqual(left(), [])
  })

  it('is heard in its own namespace alone, and what nobody can read goes', async () => {
    const other = lmdbStore({ path: directory, namespace: 'main-2' })
    await other.open(SECRETS)
    await other.keepProcess!('p/1', '', [])
    await writtenAside(other, 'p/1', 'x blocked {}')
    writeFileSync(join(directory, left()[0]!.replace(/-[^-]+$/, '-9.json')), '[1]')

    await store.keepProcess!('p/2', '', [])
    assert.equal(left().length, 2)
    const { rows } = await other.keepProcess!('p/2', '', [])

    assert.deepEqual(rows.map(({ row }) => row).toSorted(), ['', 'x blocked {}'])
    assert.deepEqual(left(), [])
    await other.close()
  })
})
