import assert from 'node:assert/strict'
import { systemRandom } from '../../kernel/random.ts'
import type {
  Commit,
  CommitOutcome,
  ConversationStore,
  Deferral,
  Fence
} from '../../store/conversation-store.ts'
import { epochOf, headsOf } from '../../store/identity.ts'

/** What a check may need beside the store itself; a runner leaves out what it cannot give. */
type StoreNeed = 'other' | 'advance'

/** A store to be checked. */
interface StoreUnderTest {
  /** Opened; it may hold what earlier checks left behind. */
  readonly store: ConversationStore
  /** A second client of the same data, opened, as another process would be. */
  readonly other?: ConversationStore
  /** Moves the store's time forward, expiries included. */
  readonly advance?: (ms: number) => Promise<void>
}

/** One fact about every store; independent of the others, with ids of its own. */
export interface StoreCheck {
  readonly name: string
  readonly needs: readonly StoreNeed[]
  readonly check: (given: StoreUnderTest) => Promise<void>
}

export type Committed = Extract<CommitOutcome, { tag: 'committed' }>

const nextHead = headsOf('contract', systemRandom)

/** A check that needs only the store. */
export function fact(name: string, check: (store: ConversationStore) => Promise<void>): StoreCheck {
  return { name, needs: [], check: ({ store }) => check(store) }
}

/** A check that needs a second client of the same data. */
export function factOfTwo(
  name: string,
  check: (store: ConversationStore, other: ConversationStore) => Promise<void>
): StoreCheck {
  return { name, needs: ['other'], check: ({ store, other }) => check(store, given(other)) }
}

/** A check that needs the store's time to pass. */
export function factInTime(
  name: string,
  check: (store: ConversationStore, advance: (ms: number) => Promise<void>) => Promise<void>
): StoreCheck {
  return { name, needs: ['advance'], check: ({ store, advance }) => check(store, given(advance)) }
}

/** An id that no other check uses. */
export function anId(): string {
  return Buffer.from(systemRandom.bytes(16)).toString('base64url')
}

export function anEpoch(): string {
  return epochOf(systemRandom)
}

export function aHead(): string {
  return nextHead()
}

/** A fingerprint nobody has seen; `bucket` and the rest may be chosen. */
export function aPrint(bucket?: number): Uint8Array {
  const print = systemRandom.bytes(8)
  if (bucket !== undefined) print[0] = bucket
  return print
}

/** A commit on this parent that does nothing but write its record. */
export function aCommit(parent: Fence | null, change: Partial<Commit> = {}): Commit {
  return {
    parent,
    epoch: parent?.epoch ?? anEpoch(),
    head: aHead(),
    record: `record after ${parent?.version ?? 0}`,
    attached: false,
    unreadable: null,
    fingerprint: null,
    history: '{"cause":"check"}',
    replies: [],
    openCall: null,
    closeCalls: [],
    effect: false,
    dueMs: null,
    activeMs: 1_700_000_000_000,
    acknowledgedThrough: null,
    take: 0,
    append: null,
    park: null,
    held: null,
    ...change
  }
}

/** A deferral of one row to the conversation of this epoch. */
export function aDeferral(epoch: string, change: Partial<Deferral> = {}): Deferral {
  return {
    epoch,
    head: aHead(),
    fingerprint: null,
    row: { why: 'call', row: 'an event' },
    history: '{"cause":"deferred"}',
    dueMs: null,
    ...change
  }
}

/** Commits and insists that it was done. */
export async function done(
  store: ConversationStore,
  id: string,
  commit: Commit
): Promise<Committed> {
  const outcome = await store.commit(id, commit)
  assert.equal(outcome.tag, 'committed', JSON.stringify(outcome))
  return outcome as Committed
}

/** Commits several times, each on the one before, and gives the last fence. */
export async function grown(
  store: ConversationStore,
  id: string,
  parent: Fence | null,
  changes: readonly Partial<Commit>[]
): Promise<Fence> {
  let fence = parent
  for (const change of changes) fence = (await done(store, id, aCommit(fence, change))).fence
  assert.ok(fence !== null)
  return fence
}

/** A conversation with one commit. */
export async function begun(
  store: ConversationStore,
  change: Partial<Commit> = {}
): Promise<{ readonly id: string; readonly fence: Fence }> {
  const id = anId()
  return { id, fence: await grown(store, id, null, [change]) }
}

/** All that a store holds of a conversation, its time apart. */
export async function everything(store: ConversationStore, id: string): Promise<unknown> {
  const loaded = { ...(await store.load(id)), nowMs: 0 }
  return { loaded, recoverable: await store.recoverable(id), parked: await store.parked(id) }
}

/** Insists that this call leaves no trace. */
export async function withoutTrace<T>(
  store: ConversationStore,
  id: string,
  call: () => Promise<T>
): Promise<T> {
  const before = await everything(store, id)
  const outcome = await call()
  assert.deepEqual(await everything(store, id), before)
  return outcome
}

function given<T>(part: T | undefined): T {
  assert.ok(part !== undefined, 'the runner gave this check a store without the part it needs')
  return part
}
