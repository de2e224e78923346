import type { Address } from '../conversation/address.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import { failureOf } from '../kernel/failure.ts'
import type {
  Fence,
  InboxRow,
  Loaded,
  Recoverable,
  StoredCall,
  UndeliveredRow
} from '../store/conversation-store.ts'
import { climb, readNewest } from './recovery/ladder.ts'
import { keysIn } from './recovery/missing-key.ts'
import type { Reader } from './recovery/read-record.ts'
import {
  hasMessage,
  NONE_SPOILT,
  notParkedYet,
  type SpoiltRows,
  spoiltRows
} from './recovery/spoilt-rows.ts'
import type { Blocked, Recovery, Standing } from './recovery/standing.ts'
import { stillHeld } from './recovery/still-held.ts'
import { readReplyRow } from './rows.ts'

/** A committed reply that the channel has not taken yet. */
export interface Undelivered {
  readonly sequence: number
  /** As it is stored. */
  readonly row: string
  readonly cause: string
  /** The instance that committed it, and when by the store's clock: it sends it first. */
  readonly by: string
  readonly at: number
  readonly reply: Reply
  /** The prompt it bears, where somebody asks what becomes of it. */
  readonly prompt?: string | undefined
  /** The key it was offered under before it was parked, and keeps; default one of its number. */
  readonly key?: string | undefined
}

/** What an actor knows of its conversation: always a whole commit, never a part of one. */
export interface Memory {
  /** Null when nothing is stored. */
  readonly fence: Fence | null
  /**
   * Null before the first message, for the tombstone of an erased conversation, and where not even
   * a core could be read.
   */
  readonly record: ConversationRecord | null
  /** The older schema that `record` was brought up from; null when it is stored as it is here. */
  readonly migratedFrom: number | null
  /** What was stored is damaged: `record` is what to go on with, the next commit makes it true. */
  readonly recovery: Recovery | null
  /** What is stored is for another build or key to read: nothing may be decided. */
  readonly blocked: Blocked | null
  /** Version of the last commit that began an effect; 0 for none. */
  readonly effectAt: number
  /** The conversation that this id leads to: nothing can be decided here. */
  readonly aliasOf: string | null
  readonly calls: readonly StoredCall[]
  readonly inbox: readonly InboxRow[]
  readonly undelivered: readonly Undelivered[]
  /** Rows beside the record that are damaged; what is listed above is without such replies. */
  readonly spoilt: SpoiltRows
  /** Nothing is left of the record, and a message waits with which to begin anew. */
  readonly messageWaits: boolean
  readonly acknowledgedThrough: number
  /** The due time that is set in the store. */
  readonly dueMs: number | null
}

/** What else may have to be asked of the store. */
export interface Beside {
  /** Older records, when the newest is damaged. */
  readonly older: () => Promise<Recoverable>
  /** What was parked, when a reply is damaged: it may have been before. */
  readonly parked: () => Promise<readonly string[]>
}

/** Makes an actor's memory of what was loaded; more is asked for only when that is damaged. */
export async function memoryOf(
  reader: Reader,
  { conversation, address }: { readonly conversation: string; readonly address: Address | null },
  loaded: Loaded,
  { older, parked }: Beside
): Promise<Memory> {
  const { fence, effectAt, calls, inbox, acknowledgedThrough, dueMs } = loaded
  const standing =
    fence === null || fence.version === 0
      ? null
      : await standingOf(reader, { conversation, address, loaded: { ...loaded, fence } }, older)
  const spoilt = await spoiltBeside(reader, conversation, loaded, standing, parked)
  return {
    fence,
    record: standing === null || standing.tag === 'blocked' ? null : standing.record,
    migratedFrom: broughtFrom(reader, standing),
    recovery: standing?.tag === 'recovered' ? standing.recovery : null,
    blocked: standing?.tag === 'blocked' ? standing.blocked : null,
    aliasOf: loaded.aliasOf,
    effectAt,
    calls,
    inbox,
    undelivered: readable(loaded.undelivered),
    spoilt,
    messageWaits:
      standing?.tag === 'recovered' &&
      standing.record === null &&
      hasMessage(reader.ring, conversation, loaded, spoilt),
    acknowledgedThrough,
    dueMs
  }
}

function broughtFrom({ program }: Reader, standing: Standing | null): number | null {
  if (standing?.tag !== 'whole' || standing.schema === program.schema) return null
  return standing.schema
}

async function spoiltBeside(
  { ring }: Reader,
  conversation: string,
  loaded: Loaded,
  standing: Standing | null,
  parked: Beside['parked']
): Promise<SpoiltRows> {
  const { fence, record } = loaded
  // Rows of a record that another build or key is to read are looked at by that one.
  if (fence === null || standing === null || standing.tag === 'blocked') return NONE_SPOILT
  const keys = standing.tag === 'recovered' ? standing.recovery.keys : keysIn(record ?? '')
  const { epoch } = fence
  const found = spoiltRows(ring, { conversation, epoch }, loaded, new Set(keys))
  if (found.replies.length === 0) return found
  return { ...found, replies: notParkedYet(found.replies, await parked()) }
}

function readable(rows: readonly UndeliveredRow[]): readonly Undelivered[] {
  return rows.flatMap(({ sequence, row }) => {
    try {
      return { sequence, row, ...readReplyRow(row) }
    } catch (error) {
      if (failureOf(error) === undefined) throw error
      return []
    }
  })
}

async function standingOf(
  reader: Reader,
  found: Parameters<typeof readNewest>[1],
  older: () => Promise<Recoverable>
): Promise<Standing> {
  const newest = readNewest(reader, found)
  if (newest.tag === 'valid') {
    return { tag: 'whole', record: newest.record, schema: newest.schema }
  }
  const beside = await older()
  const standing = climb(reader, found, newest, beside)
  if (standing.tag !== 'recovered') return standing
  const { inbox, fence, nowMs } = found.loaded
  const known = [beside.history, inbox, fence.version] as const
  const { record, recovery } = standing
  if (record !== null) return { ...standing, record: stillHeld(record, ...known) }
  const { meta } = stillHeld({ meta: metaAt(nowMs), timers: [] }, ...known)
  return { ...standing, recovery: { ...recovery, held: meta.held ?? null } }
}

function metaAt(nowMs: number): ConversationRecord['meta'] {
  return { initializedAt: nowMs, updatedAt: nowMs, updatedBy: { kind: 'none', id: '' } }
}
