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
  grown,
  type StoreCheck
} from './store-check.ts'

const LEASE_MS = 10_000
const MANY = 1000

/** What is to be woken, when, and by whom. */
export const dueChecks: readonly StoreCheck[] = [
  fact('a commit lowers the due time and never raises it', async store => {
    const { id, fence } = await begun(store, { dueMs: 3e12 })
    const due: (number | null)[] = []
    let parent = fence
    for (const dueMs of [4e12, null, 3e12, 2e12]) {
      const outcome = await done(store, id, aCommit(parent, { dueMs }))
      parent = outcome.fence
      due.push(outcome.dueMs)
    }

    assert.deepEqual(due, [3e12, 3e12, 3e12, 2e12])
    assert.equal((await store.load(id)).dueMs, 2e12)
  }),
  fact('a conversation without a due time has none', async store => {
    const { id, fence } = await begun(store)

    assert.equal((await done(store, id, aCommit(fence))).dueMs, null)
    assert.equal((await store.load(id)).dueMs, null)
  }),
  fact('what is due is claimed once within the lease, the rest not at all', async store => {
    const now = await store.time()
    const due = await begun(store, { dueMs: now - 5 })
    const later = await begun(store, { dueMs: now + 60_000 })
    const never = await begun(store)

    const first = await claimed(store)
    const second = await claimed(store)

    assert.deepEqual(
      [due, later, never].map(({ id }) => [first.includes(id), second.includes(id)]),
      [
        [true, false],
        [false, false],
        [false, false]
      ]
    )
  }),
  fact('a claim takes no more than its limit; repeated claims take all', async store => {
    const now = await store.time()
    const ids = await Promise.all(
      Array.from({ length: 7 }, async () => (await begun(store, { dueMs: now - 5 })).id)
    )

    const seen = await claimedBy(async () => store.claimDue(2, LEASE_MS))

    assert.deepEqual(
      ids.filter(id => !seen.includes(id)),
      []
    )
  }),
  factInTime(
    'an item that nobody settled is claimed again after the lease',
    async (store, advance) => {
      const { id } = await begun(store, { dueMs: (await store.time()) - 5 })
      assert.ok((await claimed(store)).includes(id))

      await advance(LEASE_MS - 2000)
      assert.ok(!(await claimed(store)).includes(id))

      await advance(2001)
      assert.ok((await claimed(store)).includes(id))
    }
  ),
  factInTime('a due time is never early', async (store, advance) => {
    const dueMs = (await store.time()) + 60_000
    const { id } = await begun(store, { dueMs })

    await advance(55_000)
    assert.ok(!(await claimed(store)).includes(id))

    await advance(5001)
    assert.ok((await claimed(store)).includes(id))
  }),
  fact('settling sets the true due time, later or none', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now - 5 })
    await claimed(store)

    assert.equal(await store.settleDue(id, fence, now + 90_000), 'done')
    assert.equal((await store.load(id)).dueMs, now + 90_000)
    assert.ok(!(await claimed(store)).includes(id))

    assert.equal(await store.settleDue(id, fence, null), 'done')
    assert.equal((await store.load(id)).dueMs, null)
    assert.equal(
      (await done(store, id, aCommit(fence, { dueMs: now + 95_000 }))).dueMs,
      now + 95_000
    )
  }),
  fact('settling to a past time makes it due again at once', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now - 5 })
    await claimed(store)

    await store.settleDue(id, fence, now - 1)

    assert.ok((await claimed(store)).includes(id))
  }),
  fact('only the very commit that was read may settle', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now + 50_000 })
    const next = await grown(store, id, fence, [{ dueMs: now + 40_000 }])

    for (const stale of [
      fence,
      { ...next, version: 9 },
      { ...next, epoch: anEpoch() },
      { ...next, head: 'x/y.1' }
    ]) {
      assert.equal(await store.settleDue(id, stale, null), 'conflict')
    }

    assert.equal((await store.load(id)).dueMs, now + 40_000)
    assert.equal(await store.settleDue(anId(), fence, now - 5), 'conflict')
  }),
  fact('who knows of an acknowledgement that is not there settles nothing', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now + 50_000, replies: ['one', 'two'] })
    const rows = (await store.load(id)).undelivered
    await store.acknowledged(id, fence.epoch, rows[0]!)

    assert.equal(await store.settleDue(id, fence, null, 2), 'conflict')
    assert.equal((await store.load(id)).dueMs, now + 50_000)
    assert.equal(await store.settleDue(id, fence, now + 60_000, 1), 'done')

    const next = await grown(store, id, fence, [{ acknowledgedThrough: 2 }])
    assert.equal(await store.settleDue(id, next, null, 3), 'conflict')
    assert.equal(await store.settleDue(id, next, null, 2), 'done')
    assert.equal((await store.load(id)).dueMs, null)
  }),
  fact('the absence of a conversation settles nothing where there is one', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now + 50_000 })
    assert.equal(await store.settleDue(id, null, null), 'conflict')
    assert.equal((await store.export(id)).wakeMs, now + 50_000)
    assert.equal(await store.settleDue(anId(), null, null), 'done')
    await store.erase(id, fence.epoch, anEpoch())
    assert.equal(await store.settleDue(id, null, null), 'done')
    assert.equal((await store.load(id)).fence?.version, 0)
  }),
  fact('an earlier due time breaks the lease, a later one does not', async store => {
    const now = await store.time()
    const { id, fence } = await begun(store, { dueMs: now - 1000 })
    await claimed(store)
    const next = await grown(store, id, fence, [{ dueMs: now - 500 }])
    assert.ok(!(await claimed(store)).includes(id))

    await grown(store, id, next, [{ dueMs: now - 2000 }])

    assert.ok((await claimed(store)).includes(id))
  }),
  fact('a process that comes back claims what its former self left, lease or not', async store => {
    const now = await store.time()
    const me = `me-${anEpoch()}`
    const mine = await begun(store, { head: `${me}/n1.1`, dueMs: now - 5 })
    const leased = await begun(store, { head: `${me}/n1.2`, dueMs: now + LEASE_MS - 2000 })
    const far = await begun(store, { head: `${me}/n1.3`, dueMs: now + 600_000 })
    const none = await begun(store, { head: `${me}/n1.4` })
    const foreign = await begun(store, { head: `${me}2/n1.5`, dueMs: now - 5 })
    const deferred = await begun(store, { dueMs: now - 5 })
    await store.defer(deferred.id, aDeferral(deferred.fence.epoch, { head: `${me}/n1.6` }))
    await claimed(store)

    const own = await claimedBy(async () => store.claimOwn(me, 2, LEASE_MS))

    assert.deepEqual(own.toSorted(), [mine.id, leased.id, deferred.id].toSorted())
    assert.ok([far, none, foreign].every(({ id }) => !own.includes(id)))
    assert.ok(!(await claimed(store)).some(id => own.includes(id)))
  })
]

/** Claims in pages of two until there is nothing left; no page is larger, no id comes twice. */
async function claimedBy(claim: () => Promise<readonly string[]>): Promise<string[]> {
  const seen = new Set<string>()
  for (;;) {
    const page = await claim()
    assert.ok(page.length <= 2)
    if (page.length === 0) return [...seen]
    for (const id of page) {
      assert.ok(!seen.has(id), 'a claim came twice')
      seen.add(id)
    }
  }
}

async function claimed(store: ConversationStore): Promise<readonly string[]> {
  return store.claimDue(MANY, LEASE_MS)
}
