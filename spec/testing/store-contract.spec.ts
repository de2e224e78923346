import assert from 'node:assert/strict'
import type { Clock } from '../../lib/kernel/clock.ts'
import type {
  Commit,
  CommitOutcome,
  ConversationStore
} from '../../lib/store/conversation-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { storeContract } from '../../lib/testing/store-contract.ts'

/** A store that is right but for what is given here. */
type Flaw = (right: ConversationStore) => Partial<ConversationStore>

const committing =
  (change: (commit: Commit) => Commit): Flaw =>
  right => ({
    commit: async (id, commit) => right.commit(id, change(commit))
  })
const answering =
  (change: (outcome: CommitOutcome) => CommitOutcome): Flaw =>
  right => ({
    commit: async (id, commit) => change(await right.commit(id, commit))
  })

const FLAWS: Readonly<Record<string, Flaw>> = {
  'forgets ids': committing(commit => ({ ...commit, fingerprint: null })),
  'acknowledges nothing': () => ({ acknowledged: async () => 'done' }),
  'acknowledges by count': right => ({
    acknowledged: async (id, epoch, { sequence }) => {
      const { undelivered } = await right.load(id)
      const last = undelivered.slice(0, sequence).at(-1)
      return last === undefined ? 'done' : right.acknowledged(id, epoch, last)
    }
  }),
  'acknowledges whatever epoch': right => ({
    acknowledged: async (id, _epoch, last) => {
      const { fence } = await right.load(id)
      return right.acknowledged(id, fence?.epoch ?? '', last)
    }
  }),
  'acknowledges whatever row': right => ({
    acknowledged: async (id, epoch, { sequence, row }) => {
      const { undelivered } = await right.load(id)
      const last = undelivered.find(kept => kept.sequence === sequence)
      return right.acknowledged(id, epoch, last ?? { sequence, row })
    }
  }),
  'holds replies whoever has them': right => ({
    holdReplies: async (id, epoch, { by, ms }) => {
      const found = await right.holdReplies(id, epoch, { by, ms })
      if (found.tag !== 'other') return found
      return right.holdReplies(id, epoch, { by, ms, over: found.by })
    }
  }),
  'holds replies for ever': right => ({
    holdReplies: async (id, epoch, { ms, ...asked }) =>
      right.holdReplies(id, epoch, { ...asked, ms: 100 * ms })
  }),
  'holds replies whatever epoch': right => ({
    holdReplies: async (id, _epoch, asked) => {
      const { fence } = await right.load(id)
      return right.holdReplies(id, fence?.epoch ?? '', asked)
    }
  }),
  'loses replies': committing(commit => ({ ...commit, replies: commit.replies.slice(0, 1) })),
  'never closes calls': committing(commit => ({ ...commit, closeCalls: [] })),
  'takes from no inbox': committing(commit => ({ ...commit, take: 0 })),
  'parks nothing': committing(commit => ({ ...commit, park: null })),
  'keeps no effect': committing(commit => ({ ...commit, effect: false })),
  'takes no record for attached': committing(commit => ({ ...commit, attached: false })),
  'writes over what it cannot read': committing(commit => ({ ...commit, unreadable: null })),
  'trims its records': committing(commit => ({ ...commit, record: commit.record.trim() })),
  'counts characters for bytes': right => ({
    commit: async (id, commit) => {
      const outcome = await right.commit(id, commit)
      return outcome.tag === 'oversize' ? { ...outcome, bytes: commit.record.length } : outcome
    }
  }),
  'calls every refusal a conflict': answering(outcome =>
    outcome.tag === 'gone' ? { tag: 'conflict', version: 1, epoch: null, ancestor: null } : outcome
  ),
  'names no ancestor': answering(outcome =>
    outcome.tag === 'conflict' ? { ...outcome, ancestor: null } : outcome
  ),
  'settles whatever stands': right => ({
    settleDue: async (id, _fence, dueMs) => {
      const { fence } = await right.load(id)
      return fence === null ? 'conflict' : right.settleDue(id, fence, dueMs)
    }
  }),
  'settles what is owed again': right => ({
    settleDue: async (id, fence, dueMs) => right.settleDue(id, fence, dueMs)
  }),
  'claims without a lease': right => ({ claimDue: async limit => right.claimDue(limit, -1) }),
  'claims all there is': right => ({
    claimDue: async (_limit, leaseMs) => right.claimDue(1000, leaseMs)
  }),
  'claims nothing of its own': () => ({ claimOwn: async () => [] }),
  'erases nothing': () => ({ erase: async () => 'erased' }),
  'lists the oldest first': right => ({
    list: async (cursor, limit) => {
      const page = await right.list(cursor, limit)
      return { ...page, ids: page.ids.toReversed() }
    }
  }),
  'hides its history': () => ({ history: async () => [] }),
  'lists as parked what is not': right => ({
    parkedList: async (cursor, limit) => right.list(cursor, limit)
  }),
  'holds nobody': committing(commit => ({ ...commit, held: null })),
  'counts what is not due': right => ({
    stats: async () => {
      const counts = await right.stats()
      return { ...counts, overdue: counts.due }
    }
  }),
  'sets aliases whatever epoch': right => ({
    setAlias: async (id, _epoch, alias) => {
      const { fence } = await right.load(id)
      return right.setAlias(id, fence?.epoch ?? '', alias)
    }
  }),
  'forgets what an alias covered': right => ({
    removeAlias: async (id, alias) => {
      const outcome = await right.removeAlias(id, alias)
      const { fence } = await right.load(alias)
      if (fence?.version === 0) await right.erase(alias, fence.epoch, `${fence.epoch}+`)
      return outcome
    }
  }),
  'keeps aliases': () => ({ removeAlias: async () => 'done' }),
  'exports no window': right => ({
    export: async id => ({ ...(await right.export(id)), seen: [] })
  }),
  'rewrites whatever stands': right => ({
    rewrite: async (id, fence, rows) =>
      right.rewrite(id, (await right.load(id)).fence ?? fence, rows)
  }),
  'rewrites only records': right => ({
    rewrite: async (id, fence, { slots }) =>
      right.rewrite(id, fence, { slots, calls: [], inbox: [], history: [], parked: [] })
  }),
  'keeps no other process': right => ({
    keepProcess: async (name, row, drop) => {
      const { rows, nowMs } = await right.keepProcess!(name, row, drop)
      return { rows: rows.filter(other => other.name === name), nowMs }
    }
  }),
  'drops no process': right => ({
    keepProcess: async (name, row) => right.keepProcess!(name, row, [])
  }),
  'defers without the id': right => ({
    defer: async (id, deferral) => right.defer(id, { ...deferral, fingerprint: null })
  })
}

describe('the store contract', () => {
  let nowMs = 1_700_000_000_000
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => () => undefined
  }
  const advance = async (ms: number): Promise<void> => {
    nowMs += ms
  }

  it('has checks that stand alone and bear names of their own', () => {
    assert.ok(storeContract.length > 80)
    assert.equal(new Set(storeContract.map(({ name }) => name)).size, storeContract.length)
  })

  for (const [name, flaw] of Object.entries(FLAWS)) {
    it(`fails a store that ${name}`, async () => {
      const failed: string[] = []
      for (const each of storeContract) {
        const store = flawed(memoryStore({ clock }), flaw)
        await each.check({ store, other: store, advance }).catch((error: unknown) => {
          assert.ok(error instanceof assert.AssertionError, String(error))
          failed.push(each.name)
        })
      }

      assert.notDeepEqual(failed, [])
    })
  }
})

function flawed(right: ConversationStore, flaw: Flaw): ConversationStore {
  const wrong = flaw(right)
  return new Proxy(right, {
    get: (target, name) => {
      const part: unknown = Reflect.get(wrong, name) ?? Reflect.get(target, name)
      return typeof part === 'function' ? (part.bind(target) as unknown) : part
    }
  })
}
