import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../../lib/kernel/failure.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { compactLmdb } from '../../../lib/store/lmdb/compact.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import {
  aCommit,
  anEpoch,
  begun,
  done,
  everything,
  grown
} from '../../../lib/testing/store-contract/store-check.ts'
import { startCrowd } from '../../support/lmdb-crowds.ts'
import { CANARY, planted } from '../../support/planted-conversation.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }

describe('an embedded store that is compacted', () => {
  let path: string
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-compact-'))
  })
  afterEach(() => rmSync(path, { recursive: true }))

  const opened = async (): Promise<ConversationStore> => {
    const store = lmdbStore({ path })
    await store.open(SECRETS)
    return store
  }
  const holds = (word: string): boolean =>
    readdirSync(path).some(name => readFileSync(join(path, name), 'latin1').includes(word))

  it('has no byte left of who was erased, in any of its files, also not later', async () => {
    const store = await opened()
    const erased = await planted(store)
    const other = await begun(store, { record: 'stays', replies: ['r'] })
    await grown(
      store,
      other.id,
      other.fence,
      Array.from({ length: 40 }, () => ({}))
    )
    const kept = await everything(store, other.id)
    assert.equal(await store.erase(erased.id, erased.fence.epoch, anEpoch()), 'erased')
    await store.close()
    assert.ok(holds(CANARY), 'an erase alone leaves bytes')

    const bytes = await compactLmdb(path)

    assert.ok(!holds(CANARY) && !holds(erased.alias))
    assert.ok(bytes > 0 && bytes < 200_000)
    const again = await opened()
    assert.deepEqual(await everything(again, other.id), kept)
    assert.equal((await again.load(erased.id)).fence?.version, 0)
    const now = await again.load(other.id)
    await grown(
      again,
      other.id,
      now.fence!,
      Array.from({ length: 40 }, () => ({}))
    )
    await again.close()
    assert.ok(!holds(CANARY))
    assert.deepEqual(readdirSync(path).toSorted(), ['data.mdb', 'lock.mdb'])
  })

  it('is refused while another process has it open, which goes on', async () => {
    const crowd = startCrowd(path, { conversations: 4, recordBytes: 200 })
    await crowd.until(() => crowd.acknowledged.size === 4)

    const refused: unknown = await compactLmdb(path).catch((error: unknown) => error)

    assert.equal(failureOf(refused)?.code, 'CHP_STORE_REFUSED')
    assert.match(String(failureOf(refused)?.detail), /stop the process \d+ before/)
    const before = new Map(crowd.acknowledged)
    await crowd.until(() => [...before].every(([id, at]) => crowd.acknowledged.get(id)! > at))
    await crowd.kill()
    assert.ok((await compactLmdb(path)) > 0)
    const store = await opened()
    for (const [id, version] of before) {
      assert.ok((await store.load(id)).fence!.version >= version)
    }
    await store.close()
  }).timeout(20_000)

  it('takes no commit by one who still has the old file', async () => {
    const store = await opened()
    const { id, fence } = await begun(store)

    await compactLmdb(path)
    const refused: unknown = await store.commit(id, aCommit(fence)).catch((error: unknown) => error)

    assert.equal(failureOf(refused)?.code, 'CHP_STORE_REFUSED')
    assert.match(String(failureOf(refused)?.detail), /was replaced/)
    await store.close()
    const again = await opened()
    const { fence: now } = await again.load(id)
    assert.equal((await done(again, id, aCommit(now))).fence.version, 2)
    await again.close()
  })

  it('is refused where there is none, and leaves a damaged one as it is', async () => {
    const none: unknown = await compactLmdb(join(path, 'none')).catch((error: unknown) => error)
    assert.equal(failureOf(none)?.code, 'CHP_SETTING_INVALID')
    assert.ok(!existsSync(join(path, 'none')))
    const file = join(path, 'data.mdb')
    writeFileSync(file, 'no store at all')

    const damaged: unknown = await compactLmdb(path).catch((error: unknown) => error)

    assert.equal(failureOf(damaged)?.code, 'CHP_STORE_DAMAGED')
    assert.equal(readFileSync(file, 'utf8'), 'no store at all')
  })

  it('takes over after one who was killed half-way', async () => {
    const store = await opened()
    const { id } = await begun(store, { record: 'kept' })
    await store.close()
    mkdirSync(join(path, 'compacting'))
    writeFileSync(join(path, 'compacting', 'data.mdb'), 'half a copy')

    await compactLmdb(path)

    const again = await opened()
    assert.equal((await again.load(id)).record, 'kept')
    await again.close()
    assert.deepEqual(readdirSync(path).toSorted(), ['data.mdb', 'lock.mdb'])
  })
})
