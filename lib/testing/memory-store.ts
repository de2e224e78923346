import { type Clock, systemClock } from '../kernel/clock.ts'
import {
  BOUNDS,
  type Commit,
  type CommitOutcome,
  type ConversationStore,
  type DeferOutcome,
  type Deferral,
  type Fence,
  type Listing,
  type Rewrite,
  type StoreSecrets,
  type UndeliveredRow
} from '../store/conversation-store.ts'
import { isHeadOf } from '../store/identity.ts'
import type { AskedHold } from '../store/reply-hold.ts'
import { applyRewrite, exportedOf, slotsOf } from './exported-model.ts'
import {
  acknowledge,
  aliasRow,
  apply,
  applyDeferral,
  committed,
  foreignParent,
  fresh,
  fullOfIds,
  isSeen,
  isUndelivered,
  type KeptConversation,
  loaded
} from './kept-conversation.ts'
import { held } from './model-hold.ts'
import { ModelProcesses } from './model-processes.ts'
import { tooMuch } from './too-much.ts'

/**
 * The port as a plain model: everything in Maps of one process, nothing on disk.
 *
 * The other stores are compared with it; it serves fast specs and simulations. Processes of a
 * simulation share one store object, as they would share a server.
 *
 * @example
 * const store = memoryStore({ clock })
 */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): MemoryStore {
  return new ModelStore(clock)
}

/** The model, which can also lose what it holds. */
export interface MemoryStore extends ConversationStore {
  /** Keeps a copy of everything; the function returned makes that the truth again. */
  snapshot(): () => void
}

class ModelStore implements MemoryStore {
  readonly name = 'memory'
  readonly #clock: Clock
  #kept = new Map<string, KeptConversation>()
  #secrets: StoreSecrets | null = null
  #ownWalk: string[] | null = null
  readonly #processes = new ModelProcesses()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async open(candidate: StoreSecrets) {
    this.#secrets ??= candidate
    this.#ownWalk = null
    const warnings = ['The memory store keeps nothing when the process ends.']
    return { secrets: this.#secrets, durability: 'memory', warnings }
  }

  async close() {}

  async time() {
    return this.#clock.nowMs()
  }

  async load(id: string) {
    return loaded(this.#find(id), this.#clock.nowMs())
  }

  async commit(id: string, commit: Commit): Promise<CommitOutcome> {
    const kept = this.#find(id)
    const nowMs = this.#clock.nowMs()
    if (kept?.head === commit.head) return committed(kept, commit.replies.length)
    if (kept !== undefined && isSeen(kept.window, commit.fingerprint)) return { tag: 'duplicate' }
    const foreign = foreignParent(kept, commit.parent)
    if (foreign !== null) return foreign
    const target =
      kept === undefined || kept.version === 0
        ? fresh(kept?.epoch ?? commit.epoch, kept?.window)
        : kept
    const refusal = tooMuch(target, commit, nowMs)
    if (refusal !== null) return refusal
    apply(target, commit, nowMs)
    this.#kept.set(id, target)
    return committed(target, commit.replies.length)
  }

  async defer(id: string, deferral: Deferral): Promise<DeferOutcome> {
    const kept = this.#find(id)
    const nowMs = this.#clock.nowMs()
    const { epoch, head, fingerprint } = deferral
    if (kept?.head === head) return { tag: 'committed', version: kept.version }
    if (kept !== undefined && isSeen(kept.window, fingerprint)) return { tag: 'duplicate' }
    if (kept === undefined) return { tag: 'conflict' }
    if (kept.epoch !== epoch || kept.version === 0) return { tag: 'gone' }
    if (kept.inbox.length >= BOUNDS.inboxRows) return { tag: 'full', what: 'inbox', untilMs: null }
    const full = fullOfIds(kept.window, fingerprint, { version: kept.version + 1, nowMs })
    if (full !== null) return full
    applyDeferral(kept, deferral, nowMs)
    return { tag: 'committed', version: kept.version }
  }

  async acknowledged(id: string, epoch: string, last: UndeliveredRow) {
    const kept = this.#find(id)
    if (kept?.epoch !== epoch) return 'gone'
    if (last.sequence <= kept.acknowledgedThrough) return 'done'
    if (!isUndelivered(kept, last)) return 'conflict'
    acknowledge(kept, last.sequence)
    return 'done'
  }

  async holdReplies(id: string, epoch: string, asked: AskedHold) {
    return held(this.#find(id), epoch, asked, this.#clock.nowMs())
  }

  async claimDue(limit: number, leaseMs: number) {
    const nowMs = this.#clock.nowMs()
    const due = this.#waking(nowMs).slice(0, limit)
    for (const id of due) this.#kept.get(id)!.wakeMs = nowMs + leaseMs
    return due
  }

  async claimOwn(instance: string, limit: number, leaseMs: number) {
    const nowMs = this.#clock.nowMs()
    const waking = new Set(this.#waking(nowMs + leaseMs))
    const isOwn = (id: string) => waking.has(id) && isHeadOf(instance, this.#kept.get(id)!.head)
    this.#ownWalk ??= Array.from(waking)
    const own: string[] = []
    while (own.length < limit && this.#ownWalk.length > 0) {
      const id = this.#ownWalk.shift()!
      if (isOwn(id)) own.push(id)
    }
    for (const id of own) this.#kept.get(id)!.wakeMs = nowMs + leaseMs
    if (own.length === 0) this.#ownWalk = null
    return own
  }

  async settleDue(id: string, fence: Fence | null, dueMs: number | null, acknowledgedThrough = 0) {
    const kept = this.#find(id)
    if (fence === null) return kept === undefined || kept.version === 0 ? 'done' : 'conflict'
    if (kept === undefined || kept.version === 0) return 'conflict'
    if (foreignParent(kept, fence) !== null) return 'conflict'
    if (kept.acknowledgedThrough < acknowledgedThrough) return 'conflict'
    kept.dueMs = dueMs
    kept.wakeMs = dueMs
    return 'done'
  }

  async erase(id: string, epoch: string, tombstoneEpoch: string) {
    const kept = this.#find(id)
    if ((kept?.beneath ?? kept)?.epoch === tombstoneEpoch) return 'erased'
    if (kept?.epoch !== epoch) return 'gone'
    const tombstone = fresh(tombstoneEpoch, kept.window)
    for (const alias of kept.aliases) this.#uncover(alias)
    this.#kept.set(id, { ...tombstone, untilMs: this.#clock.nowMs() + BOUNDS.tombstoneMs })
    return 'erased'
  }

  async setAlias(id: string, epoch: string, alias: string) {
    const kept = this.#find(id)
    if (id === alias) return 'taken'
    if (kept === undefined || kept.version === 0 || kept.epoch !== epoch) return 'gone'
    const isKnown = kept.aliases.includes(alias)
    if (!isKnown && kept.aliases.length >= BOUNDS.aliases) return 'full'
    const other = this.#find(alias)
    if (other !== undefined && (other.version > 0 || (other.aliasOf ?? id) !== id)) return 'taken'
    this.#kept.set(alias, aliasRow(id, other))
    if (!isKnown) kept.aliases.push(alias)
    return 'done'
  }

  async removeAlias(id: string, alias: string) {
    const kept = this.#find(id)
    if (kept !== undefined) kept.aliases = kept.aliases.filter(other => other !== alias)
    if (this.#find(alias)?.aliasOf !== id) return 'gone'
    this.#uncover(alias)
    return 'done'
  }

  async recoverable(id: string) {
    const kept = this.#find(id)
    return { slots: slotsOf(kept), history: (kept?.history ?? []).toReversed() }
  }

  async export(id: string) {
    return exportedOf(this.#find(id))
  }

  async rewrite(id: string, fence: Fence, rows: Rewrite) {
    const kept = this.#find(id)
    if (kept === undefined || foreignParent(kept, fence) !== null) return 'conflict'
    applyRewrite(kept, rows)
    return 'done'
  }

  async keepProcess(name: string, row: string | null, drop: readonly string[]) {
    return this.#processes.keep([name, row, drop], this.#clock.nowMs())
  }

  async stats() {
    const nowMs = this.#clock.nowMs()
    const all = Array.from(this.#kept.values()).filter(({ version }) => version > 0)
    const count = (counts: (kept: KeptConversation) => boolean) => all.filter(counts).length
    return {
      conversations: all.length,
      due: count(({ wakeMs }) => wakeMs !== null),
      overdue: count(({ wakeMs }) => wakeMs !== null && wakeMs <= nowMs),
      parked: count(({ parkedMinute }) => parkedMinute !== null),
      held: count(({ heldMinute }) => heldMinute !== null)
    }
  }

  async history(id: string, { limit }: { readonly limit: number }) {
    return (this.#find(id)?.history ?? []).toReversed().slice(0, limit)
  }

  async list(cursor: string | null, limit: number) {
    return this.#listed(cursor, limit, ({ activeMinute }) => activeMinute)
  }

  async parkedList(cursor: string | null, limit: number) {
    return this.#listed(cursor, limit, ({ parkedMinute }) => parkedMinute)
  }

  async heldList(cursor: string | null, limit: number) {
    return this.#listed(cursor, limit, ({ heldMinute }) => heldMinute)
  }

  async parked(id: string) {
    return [...(this.#find(id)?.parked ?? [])]
  }

  #listed(
    cursor: string | null,
    limit: number,
    minuteOf: (kept: KeptConversation) => number | null
  ): Listing {
    const rows = Array.from(this.#kept, ([id, kept]) => ({ id, kept, minute: minuteOf(kept) }))
      .filter(({ id, kept }) => kept.version > 0 && this.#find(id) !== undefined)
      .flatMap(({ id, minute }) => (minute === null ? [] : [{ id, at: position(minute, id) }]))
      .filter(({ at }) => cursor === null || at < cursor)
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
    const page = rows.slice(0, limit)
    return {
      ids: page.map(({ id }) => id),
      cursor: rows.length > limit ? (page.at(-1)?.at ?? null) : null
    }
  }

  snapshot(): () => void {
    const copy = structuredClone(this.#kept)
    return () => {
      this.#kept = structuredClone(copy)
      this.#ownWalk = null
    }
  }

  /** Lets an alias lead nowhere: what was erased there shows again. */
  #uncover(alias: string): void {
    const { beneath } = this.#kept.get(alias)!
    if (beneath === null) this.#kept.delete(alias)
    else this.#kept.set(alias, beneath)
  }

  #find(id: string): KeptConversation | undefined {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.version > 0 || this.#clock.nowMs() < kept.untilMs) return kept
    this.#kept.delete(id)
    return undefined
  }

  /** Ids to wake by this time, the longest overdue first. */
  #waking(untilMs: number): string[] {
    return Array.from(this.#kept, ([id, { wakeMs }]) => ({ id, wakeMs }))
      .filter((row): row is { id: string; wakeMs: number } => row.wakeMs !== null)
      .filter(({ wakeMs }) => wakeMs <= untilMs)
      .toSorted((one, other) => one.wakeMs - other.wakeMs || (one.id < other.id ? -1 : 1))
      .map(({ id }) => id)
  }
}

// Sorts as text: minutes of this and the next thousand years have the same number of digits.
function position(minute: number, id: string): string {
  return `${String(minute).padStart(12, '0')}.${id}`
}
