import assert from 'node:assert/strict'
import type { ConversationStore } from '../../store/conversation-store.ts'
import {
  aCommit,
  aDeferral,
  anEpoch,
  anId,
  begun,
  done,
  fact,
  factInTime,
  factOfTwo,
  type StoreCheck,
  withoutTrace
} from './store-check.ts'

const LONG_MS = 60_000

/** Which process has it, as far as this outcome tells. */
async function holder(
  store: ConversationStore,
  id: string,
  epoch: string,
  asked: Parameters<ConversationStore['holdReplies']>[2]
): Promise<string> {
  const outcome = await store.holdReplies(id, epoch, asked)
  return outcome.tag === 'gone' ? 'gone' : `${outcome.tag} ${outcome.by}`
}

/** Holds on the replies of a conversation: one process sends them at a time. */
export const holdChecks: readonly StoreCheck[] = [
  fact('a hold lasts as long as was asked, and tells how far others have sent', async store => {
    const { id, fence } = await begun(store, { replies: ['a', 'b', 'c'] })
    await store.acknowledged(id, fence.epoch, { sequence: 2, row: 'b' })
    const before = await store.time()
    const outcome = await store.holdReplies(id, fence.epoch, { by: 'p/1', ms: LONG_MS })
    const after = await store.time()

    assert.ok(outcome.tag === 'held', outcome.tag)
    const { untilMs, ...rest } = outcome
    assert.deepEqual(rest, { tag: 'held', by: 'p/1', acknowledgedThrough: 2 })
    assert.ok(untilMs >= before + LONG_MS && untilMs <= after + LONG_MS, `${untilMs - before}`)
  }),
  factOfTwo('one process has it: another is told which, and until when', async (store, other) => {
    const { id, fence } = await begun(store, { replies: ['a', 'b'] })
    const asked = { by: 'a name/with spaces 1', ms: LONG_MS }
    const held = await store.holdReplies(id, fence.epoch, asked)
    await store.acknowledged(id, fence.epoch, { sequence: 1, row: 'a' })
    const refused = await other.holdReplies(id, fence.epoch, { by: 'q/1', ms: LONG_MS })

    assert.ok(held.tag === 'held', held.tag)
    assert.deepEqual(refused, { ...held, tag: 'other', acknowledgedThrough: 1 })
    assert.equal(await holder(store, id, fence.epoch, asked), `held ${asked.by}`)
  }),
  factInTime('it ends with its time, its own process may begin it anew', async (store, advance) => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    const one = { by: 'p/1', ms: LONG_MS }
    const two = { by: 'q/1', ms: LONG_MS }
    assert.equal(await holder(store, id, fence.epoch, one), 'held p/1')
    await advance(LONG_MS / 2)
    assert.equal(await holder(store, id, fence.epoch, one), 'held p/1')
    await advance(LONG_MS / 2 + 1_000)
    assert.equal(await holder(store, id, fence.epoch, two), 'other p/1')
    await advance(LONG_MS / 2)

    assert.equal(await holder(store, id, fence.epoch, two), 'held q/1')
    assert.equal(await holder(store, id, fence.epoch, one), 'other q/1')
  }),
  fact('it is taken over from the process that is named, and from no other', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    await store.holdReplies(id, fence.epoch, { by: 'p/1', ms: LONG_MS })

    const asked = { by: 'p/3', ms: LONG_MS }
    assert.equal(await holder(store, id, fence.epoch, { ...asked, over: 'p/2' }), 'other p/1')
    assert.equal(await holder(store, id, fence.epoch, { ...asked, over: 'p/1' }), 'held p/3')
    assert.equal(await holder(store, id, fence.epoch, { ...asked, by: 'p/1' }), 'other p/3')
  }),
  fact('it blocks no other for longer than that asked for', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    await store.holdReplies(id, fence.epoch, { by: 'p/1', ms: 2 * LONG_MS })
    const refused = await store.holdReplies(id, fence.epoch, { by: 'q/1', ms: LONG_MS })
    const again = await store.holdReplies(id, fence.epoch, { by: 'r/1', ms: 2 * LONG_MS })
    const now = await store.time()

    assert.ok(refused.tag === 'other' && refused.by === 'p/1', refused.tag)
    const leftMs = refused.untilMs - now
    assert.ok(leftMs > 0 && leftMs <= LONG_MS, `${leftMs}`)
    assert.deepEqual(again, refused)
  }),
  fact('a part of a millisecond counts as a whole one', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    const before = await store.time()
    const held = await store.holdReplies(id, fence.epoch, { by: 'p/1', ms: LONG_MS + 0.25 })
    const refused = await store.holdReplies(id, fence.epoch, { by: 'q/1', ms: LONG_MS + 9_000.25 })

    assert.ok(held.tag === 'held', held.tag)
    assert.ok(Number.isInteger(held.untilMs) && held.untilMs > before + LONG_MS, `${held.untilMs}`)
    assert.deepEqual(refused, { ...held, tag: 'other' })
  }),
  fact('it changes nothing else, and nothing else changes it', async store => {
    const { id, fence } = await begun(store, { replies: ['a'], dueMs: 1_700_000_000_000 })
    const hold = async () => holder(store, id, fence.epoch, { by: 'p/1', ms: LONG_MS })
    assert.equal(await withoutTrace(store, id, hold), 'held p/1')
    assert.deepEqual((await store.export(id)).rest, {})

    await done(store, id, aCommit(fence, { replies: ['b'], acknowledgedThrough: 1 }))
    await store.defer(id, aDeferral(fence.epoch))
    await store.acknowledged(id, fence.epoch, { sequence: 2, row: 'b' })
    const { fence: now } = await store.load(id)
    await store.settleDue(id, now, 5)
    await store.claimDue(1_000, 1)
    assert.equal(await holder(store, id, fence.epoch, { by: 'q/1', ms: 1 }), 'other p/1')
  }),
  fact('of what is not there, or of another epoch, it is gone', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    const asked = { by: 'p/1', ms: LONG_MS }
    const nowhere = anId()

    assert.equal(await holder(store, nowhere, fence.epoch, asked), 'gone')
    assert.equal((await store.load(nowhere)).fence, null)
    assert.equal(await holder(store, id, anEpoch(), asked), 'gone')
    assert.equal(await holder(store, id, fence.epoch, { ...asked, by: 'q/1' }), 'held q/1')
  }),
  fact('an erasure takes it along, and what begins anew has none', async store => {
    const { id, fence } = await begun(store, { replies: ['a'] })
    await store.holdReplies(id, fence.epoch, { by: 'p/1', ms: LONG_MS })
    const epoch = anEpoch()
    await store.erase(id, fence.epoch, epoch)
    const asked = { by: 'q/1', ms: LONG_MS }
    const late = async (of: string) => holder(store, id, of, asked)
    assert.equal(await withoutTrace(store, id, async () => late(epoch)), 'gone')
    assert.equal(await withoutTrace(store, id, async () => late(fence.epoch)), 'gone')

    const { fence: left } = await store.load(id)
    await done(store, id, aCommit(left, { replies: ['b'] }))
    assert.equal(await late(epoch), 'held q/1')
  })
]
