import { isRight } from 'fp-ts/lib/Either.js'
import type { Program } from '../conversation/program.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import { fail } from '../kernel/failure.ts'
import type { Fence, InboxRow, Loaded, StoredCall } from '../store/conversation-store.ts'
import { decodeRecord } from '../store/envelope.ts'
import type { KeyRing } from '../store/seal.ts'
import { readReplyRow } from './rows.ts'

/** A committed reply that the channel has not taken yet. */
export interface Undelivered {
  readonly sequence: number
  readonly cause: string
  /** The instance that committed it, and when by the store's clock: it sends it first. */
  readonly by: string
  readonly at: number
  readonly reply: Reply
}

/** What an actor knows of its conversation: always a whole commit, never a part of one. */
export interface Memory {
  /** Null when nothing is stored. */
  readonly fence: Fence | null
  /** Null before the first message and for the tombstone of an erased conversation. */
  readonly record: ConversationRecord | null
  readonly calls: readonly StoredCall[]
  readonly inbox: readonly InboxRow[]
  readonly undelivered: readonly Undelivered[]
  readonly acknowledgedThrough: number
  /** The due time that is set in the store. */
  readonly dueMs: number | null
}

/**
 * Makes an actor's memory of what was loaded.
 *
 * Fails with `CHP_RECORD_CORRUPT`, `CHP_RECORD_FUTURE` or `CHP_SEAL_KEY_UNKNOWN`; nothing stored
 * is changed by that.
 */
export function memoryOf(
  program: Program,
  ring: KeyRing,
  conversation: string,
  loaded: Loaded
): Memory {
  const { fence, record, calls, inbox, acknowledgedThrough, dueMs } = loaded
  return {
    fence,
    record: record === null ? null : recordIn(program, ring, conversation, record),
    calls,
    inbox,
    undelivered: loaded.undelivered.map(({ sequence, row }) => ({
      sequence,
      ...readReplyRow(row)
    })),
    acknowledgedThrough,
    dueMs
  }
}

function recordIn(
  program: Program,
  ring: KeyRing,
  conversation: string,
  text: string
): ConversationRecord {
  const read = decodeRecord(text, { conversation, ring, schema: program.schema })
  if (read.tag !== 'decoded') return fail(read.failure.code, read.failure.detail)
  const decoded = program.record.decode(read.value)
  if (!isRight(decoded)) {
    const path = decoded.left[0]?.context
      .map(({ key }) => key)
      .filter(Boolean)
      .join('.')
    return fail('CHP_RECORD_CORRUPT', `The stored record does not fit its codec at ${path}.`)
  }
  const invalid = program.invalid(decoded.right)
  if (invalid === null) return decoded.right
  return fail(
    invalid.startsWith('newer') ? 'CHP_RECORD_FUTURE' : 'CHP_RECORD_CORRUPT',
    `The stored record is not valid for this build: ${invalid}.`
  )
}
