import type { ProcessRows } from './process-rows.ts'
import type { ReplyHolds } from './reply-hold.ts'

export { BOUNDS } from './bounds.ts'

/**
 * The port every store implements: one atomic commit, one load, and what the sweeper needs.
 *
 * Values cross as opaque text; a store never looks into a record. Promises reject only with a
 * `ChaperoneError`: CHP_STORE_UNAVAILABLE when the outcome is unknown (repeat the same call with
 * the same head), CHP_STORE_NOT_DURABLE when it happened and is not as durable as was asked (repeat
 * it as well), CHP_STORE_REFUSED when nothing was written, CHP_STORE_DENIED when repeating does not
 * help before a person has mended something, CHP_STORE_WRONG_TYPE for a foreign key.
 */
export interface ConversationStore extends ProcessRows, ReplyHolds {
  readonly name: string
  /**
   * Name of the part of the store that holds this conversation, where parts fail apart (a master
   * of a Cluster). Without it the store is there, or away, as a whole.
   */
  partOf?(id: string): string
  /** Connects, reads or creates the layout row, refuses an unfit server; safe to call again. */
  open(candidate: StoreSecrets): Promise<Opened>
  close(): Promise<void>
  /**
   * Looks again at what `open()` looked at, for settings are changed while a server runs; fails
   * with CHP_STORE_UNFIT as `open()` does. A store whose durability is fixed needs none.
   */
  fitness?(): Promise<Fitness>
  /** Store time. */
  time(): Promise<number>
  load(id: string): Promise<Loaded>
  commit(id: string, commit: Commit): Promise<CommitOutcome>
  /** Appends to the inbox without reading the record; version and head rise, no slot is written. */
  defer(id: string, deferral: Deferral): Promise<DeferOutcome>
  /**
   * Drops undelivered rows up to this one; `done` as well when that was acknowledged before.
   *
   * `conflict`, and nothing dropped, when another row bears its number or none does yet: the store
   * rolled back since it was loaded.
   */
  acknowledged(id: string, epoch: string, last: UndeliveredRow): Promise<AcknowledgeOutcome>
  /** Claims conversations whose due time has come; a claim moves the due time past the lease. */
  claimDue(limit: number, leaseMs: number): Promise<readonly string[]>
  /**
   * Claims, lease or not, what a former process of this instance name committed last and is to be
   * woken within a lease. Each is given once; an empty answer ends the walk, the next begins anew.
   */
  claimOwn(instance: string, limit: number, leaseMs: number): Promise<readonly string[]>
  /**
   * Sets the true due time, only on the very commit it was computed from; never on a tombstone.
   * `conflict` as well when fewer replies are acknowledged than it was computed from (default 0): a
   * rollback took the acknowledgement, and what is owed again must be looked at.
   * A null fence names the absence of the conversation, whose stray entries go.
   */
  settleDue(
    id: string,
    fence: Fence | null,
    dueMs: number | null,
    acknowledgedThrough?: number
  ): Promise<'done' | 'conflict'>
  /** Leaves a tombstone: its ids stay seen for 8 days, unasked while it is linked. Aliases go. */
  erase(id: string, epoch: string, tombstoneEpoch: string): Promise<'erased' | 'gone'>
  /**
   * Lets `alias` lead to this conversation: a load of it names `id` from then on. `taken` when it
   * is a conversation of its own or leads elsewhere; a tombstone there stays, beneath it.
   */
  setAlias(id: string, epoch: string, alias: string): Promise<'done' | 'gone' | 'taken' | 'full'>
  /** Lets it lead nowhere again, or be the tombstone it was; `gone` when it did not lead here. */
  removeAlias(id: string, alias: string): Promise<'done' | 'gone'>
  /** Older records and history, newest first; read only after damage. */
  recoverable(id: string): Promise<Recoverable>
  history(id: string, page: { readonly limit: number }): Promise<readonly HistoryRow[]>
  /** Conversations by last activity, newest first; `cursor` null ends the list. */
  list(cursor: string | null, limit: number): Promise<Listing>
  /** Conversations with parked rows to look at, by when the last was parked, newest first. */
  parkedList(cursor: string | null, limit: number): Promise<Listing>
  /** Conversations that are held, by when that was committed, newest first. */
  heldList(cursor: string | null, limit: number): Promise<Listing>
  parked(id: string): Promise<readonly string[]>
  /** All that is stored of one conversation, as it stands there; sealed texts stay sealed. */
  export(id: string): Promise<Exported>
  /**
   * Puts texts that mean the same in the place of those found by `export`, on the very commit they
   * were read at: version and head stay. What is not given stays as it is.
   */
  rewrite(id: string, fence: Fence, rows: Rewrite): Promise<'done' | 'conflict'>
  stats(): Promise<StoreStats>
}

/** Keys kept in the store's layout row, so that processes that share a store share them. */
export interface StoreSecrets {
  /** 32 bytes; keys the HMAC that turns an address into an id; never rotates. */
  readonly idKey: Uint8Array
  /** 32 bytes; seals secret fields when the host brings no key ring of its own. */
  readonly sealKey: Uint8Array
}

/** How durable a store is. */
export interface Fitness {
  /** `embedded`, `everysec`, `always`, `replicated` or what the server says of itself. */
  readonly durability: string
  /** Sentences for the log: settings that weaken what is promised. */
  readonly warnings: readonly string[]
}

export interface Opened extends Fitness {
  readonly secrets: StoreSecrets
}

/** The very commit a decision was made on. `state` belongs to the adapter and is opaque. */
export interface Fence {
  readonly epoch: string
  readonly version: number
  /** Never reused: `<instance>/<process nonce>.<counter>`, made by `headsOf`. */
  readonly head: string
  readonly state: string
}

export interface Loaded {
  /** Null when nothing is stored; version 0 for the tombstone of an erased conversation. */
  readonly fence: Fence | null
  readonly record: string | null
  /** Version of the last commit that started an effect call; 0 for none. */
  readonly effectAt: number
  readonly calls: readonly StoredCall[]
  readonly inbox: readonly InboxRow[]
  readonly undelivered: readonly UndeliveredRow[]
  readonly acknowledgedThrough: number
  readonly dueMs: number | null
  /** Head of the newest history row; must agree with the fence, or the store rolled back. */
  readonly newestHead: string | null
  /** The conversation this id leads to; everything else is then as if nothing were stored. */
  readonly aliasOf: string | null
  readonly nowMs: number
}

export interface StoredCall {
  readonly key: string
  readonly row: string
}

export interface UndeliveredRow {
  readonly sequence: number
  readonly row: string
}

export type AcknowledgeOutcome = 'done' | 'gone' | 'conflict'
type DeferWhy = 'call' | 'hold' | 'future' | 'unreadable'
export interface InboxRow {
  readonly why: DeferWhy
  readonly row: string
}

export interface Commit {
  /** Null names the absence of the conversation. */
  readonly parent: Fence | null
  /** Epoch of the next fence: the parent's, or a new one when there is no parent. */
  readonly epoch: string
  readonly head: string
  readonly record: string
  /** The record waits for an attached call: it is not at rest, its slot is written over next. */
  readonly attached: boolean
  /** Raw text of a current record that could not be read; parked before its slot is written. */
  readonly unreadable: string | null
  /** Fingerprint of the outside id (8 bytes), or null when the cause did not come from outside. */
  readonly fingerprint: Uint8Array | null
  /** History row without its head. */
  readonly history: string
  readonly replies: readonly string[]
  readonly openCall: StoredCall | null
  readonly closeCalls: readonly string[]
  /** This commit starts a call declared as an effect. */
  readonly effect: boolean
  readonly dueMs: number | null
  /** Store time of the turn, for the activity index (minute resolution). */
  readonly activeMs: number
  readonly acknowledgedThrough: number | null
  /** Inbox rows taken from the front by this commit. */
  readonly take: number
  /** Inbox row appended by this commit, or null. */
  readonly append: InboxRow | null
  /** Parked row, or null. */
  readonly park: string | null
  /** Whether the conversation is held from this commit on; null leaves it as it is. */
  readonly held: boolean | null
  /** What could not be read beside the current record, parked before that row. Default none. */
  readonly setAside?: readonly string[]
}

export type CommitOutcome =
  | {
      readonly tag: 'committed'
      readonly fence: Fence
      /** Sequence number of the first of this commit's replies. */
      readonly firstSequence: number
      /** Due time set after the commit. */
      readonly dueMs: number | null
    }
  | { readonly tag: 'duplicate' }
  /** `ancestor` is the head of the history row at our parent's version, null when trimmed. */
  | {
      readonly tag: 'conflict'
      readonly version: number
      readonly epoch: string | null
      readonly ancestor: string | null
    }
  | { readonly tag: 'gone' }
  | { readonly tag: 'oversize'; readonly bytes: number }
  | Full

/** A bound was met; nothing was written, nothing may be acknowledged. */
export interface Full {
  readonly tag: 'full'
  readonly what: 'ids' | 'inbox' | 'undelivered'
  /** When room returns, if that is known. */
  readonly untilMs: number | null
}

export interface Deferral {
  readonly epoch: string
  readonly head: string
  readonly fingerprint: Uint8Array | null
  readonly row: InboxRow
  readonly history: string
  readonly dueMs: number | null
}

export type DeferOutcome =
  | { readonly tag: 'committed'; readonly version: number }
  | { readonly tag: 'duplicate' }
  | { readonly tag: 'conflict' }
  | { readonly tag: 'gone' }
  | Full
export interface HistoryRow {
  readonly head: string
  readonly row: string
}

export interface Recoverable {
  /** Raw text of every record slot, the newest first. */
  readonly slots: readonly string[]
  readonly history: readonly HistoryRow[]
}

export interface Listing {
  readonly ids: readonly string[]
  readonly cursor: string | null
}

/** Everything a store holds of one conversation. */
export interface Exported extends Omit<Loaded, 'fence' | 'nowMs'>, Recoverable {
  /** Version 0 for a tombstone; null for what leads elsewhere and where nothing is stored. */
  readonly fence: Fence | null
  /** The oldest first. */
  readonly parked: readonly string[]
  /** Ids that lead here. */
  readonly aliases: readonly string[]
  /** When it is woken next: the due time, or the end of a claim. */
  readonly wakeMs: number | null
  /** Minutes by which it is listed: all, parked, held. */
  readonly listed: Readonly<Record<ListName, number | null>>
  /** The dedupe window, 28 hex digits an id: 16 of its fingerprint, 8 of seconds, 4 of version. */
  readonly seen: readonly string[]
  /** Whatever else stands there under the name of the conversation. */
  readonly rest: Readonly<Record<string, string>>
}

/** What a store lists conversations by. */
export type ListName = 'index' | 'parked' | 'held'

/** Texts for the places in which `export` found others. */
export interface Rewrite {
  /** For the first and the second of the slots. */
  readonly slots: readonly (string | null)[]
  readonly calls: readonly StoredCall[]
  /** For each inbox row, the first one first. */
  readonly inbox: readonly (string | null)[]
  /** For each history row, the newest first. */
  readonly history: readonly (string | null)[]
  /** For each parked row, the oldest first. */
  readonly parked: readonly (string | null)[]
  /** None of its parked rows is to be looked at any more: it leaves their list, and their count. */
  readonly unlistParked?: boolean
}

/** How many conversations a store holds, and how many of them are to be looked at. */
export interface StoreStats {
  readonly conversations: number
  /** With a time to wake at; of those, that time has come. */
  readonly due: number
  readonly overdue: number
  readonly parked: number
  readonly held: number
}
