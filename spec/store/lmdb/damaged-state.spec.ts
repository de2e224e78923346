import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { lmdbKeys } from '../../../lib/store/lmdb/lmdb-keys.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { simulatedClock } from '../../../lib/testing/simulated-clock.ts'
import { aCommit, begun } from '../../../lib/testing/store-contract/store-check.ts'
import { codeOf } from '../../support/code-of.ts'

const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
const LEASE_MS = 1_000

describe('a damaged state in an embedded store', () => {
  const clock = simulatedClock({ startMs: 1_000_000 })
  let path: string
  let store: ConversationStore
  let beside: RootDatabase<string, string>

  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-state-'))
    store = lmdbStore({ path, clock })
    await store.open(SECRETS)
    beside = open({ path, noSubdir: false, encoding: 'string', overlappingSync: false })
  })
  afterEach(async () => {
    await store.close()
    await beside.close()
    rmSync(path, { recursive: true })
  })

  const stateOf = (id: string): string => lmdbKeys('main').conversation(id).state

  it('is the trouble of its conversation, never a tombstone, and is kept', async () => {
    const { id, fence } = await begun(store, { dueMs: 5 })
    const other = await begun(store)
    const whole = beside.get(stateOf(id))!
    const fields = whole.split('|')
    const damages = [
      '',
      'garbage',
      whole.slice(0, 20),
      whole.slice(0, -3),
      whole.replace(':1:', ':x:'),
      `${whole}|`,
      [fields[0], 'x', ...fields.slice(2)].join('|'),
      [fields[0], fields[1], 'soon', ...fields.slice(3)].join('|')
    ]
    for (const damaged of damages) {
      await beside.put(stateOf(id), damaged)
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.load(id),
        () => store.commit(id, aCommit(fence)),
        () => store.commit(id, aCommit(null)),
        () => store.erase(id, fence.epoch, 'another'),
        () => store.acknowledged(id, fence.epoch, { sequence: 1, row: 'r' }),
        () => store.setAlias(other.id, other.fence.epoch, id),
        () => store.export(id)
      ]
      for (const [at, call] of calls.entries()) {
        assert.equal(await codeOf(call()), 'CHP_RECORD_CORRUPT', `call ${at} on "${damaged}"`)
      }
      assert.equal(beside.get(stateOf(id)), damaged)
    }
    await beside.put(stateOf(id), whole)
    assert.equal((await store.load(id)).fence?.version, 1)
  })

  it('keeps no other conversation from being claimed, and is claimed once a lease', async () => {
    const { id } = await begun(store, { dueMs: 5 })
    const { id: other } = await begun(store, { dueMs: 6 })
    await beside.put(stateOf(id), 'garbage')

    assert.deepEqual(await store.claimOwn('contract', 10, LEASE_MS), [other])
    assert.deepEqual(await store.claimDue(10, LEASE_MS), [id])
    assert.deepEqual(await store.claimDue(10, LEASE_MS), [])
    clock.advanceTo(clock.nowMs() + LEASE_MS)
    assert.deepEqual(new Set(await store.claimDue(10, LEASE_MS)), new Set([id, other]))
    assert.equal(beside.get(stateOf(id)), 'garbage')
  })

  it('names a call that does not decode as the trouble of its conversation', async () => {
    const { id } = await begun(store)
    const [standing = '', ...rest] = beside.get(stateOf(id))!.split('|')
    await beside.put(stateOf(id), [`${standing}%`, ...rest].join('|'))

    assert.equal(await codeOf(store.load(id)), 'CHP_RECORD_CORRUPT')
  })
})
