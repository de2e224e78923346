import * as E from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import { whatWentWrong } from '../kernel/thrown.ts'
import { aad, readInboxRow } from '../runtime/rows.ts'
import type { Exported, ListName } from '../store/conversation-store.ts'
import { decodeRecord } from '../store/envelope.ts'
import type { KeyRing } from '../store/seal.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'

/** A stored text as data, or why it cannot be read and how long it is. */
export type Readable = unknown

/**
 * Everything a store holds of one conversation, as plain JSON. Names and meaning of its fields
 * change only with `layout`.
 */
export interface ConversationExport {
  readonly tag: 'export'
  readonly layout: 1
  readonly conversation: string
  readonly epoch: string
  readonly version: number
  /** The record of now, and the other one that is kept. Secrets are redacted. */
  readonly record: Readable
  readonly earlier: readonly Readable[]
  /** Newest first. */
  readonly history: readonly { readonly version: number; readonly row: Readable }[]
  /** Replies that the channel has not taken yet. */
  readonly replies: readonly { readonly sequence: number; readonly row: Readable }[]
  readonly acknowledgedThrough: number
  /** What waits to be taken, unsealed. */
  readonly inbox: readonly { readonly why: string; readonly event: Readable }[]
  /** What was given up, unsealed, the oldest first. */
  readonly parked: readonly Readable[]
  /** Open calls with their inputs. */
  readonly calls: readonly { readonly key: string; readonly call: Readable }[]
  /** Ids that lead to this conversation. */
  readonly aliases: readonly string[]
  /** Version of the last commit that began an effect; 0 for none. */
  readonly effectAt: number
  readonly dueMs: number | null
  readonly wakeMs: number | null
  /** Minutes since 1970 by which it is listed. */
  readonly listed: Readonly<Record<ListName, number | null>>
  /** Hashes of the message ids that were taken, with when and in which version. */
  readonly seen: readonly string[]
  /** Whatever else stands under its name. */
  readonly rest: Readonly<Record<string, string>>
}

/** Exports a conversation; see `Operator.export`. */
export async function exportConversation(
  desk: Pick<Desk, 'store' | 'ring' | 'idOf'>,
  who: Who
): Promise<ConversationExport | Refusal> {
  const conversation = await conversationOf(desk, who)
  const stored = await desk.store.export(conversation)
  const { fence } = stored
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const read = new Reading(desk.ring, conversation, fence.epoch)
  const { acknowledgedThrough, aliases, effectAt, dueMs, wakeMs, listed, seen, rest } = stored
  const plain = { acknowledgedThrough, aliases, effectAt, dueMs, wakeMs, listed, seen, rest }
  const { epoch, version } = fence
  return {
    tag: 'export',
    layout: 1,
    conversation,
    epoch,
    version,
    ...recordsOf(read, stored),
    history: stored.history.map(({ row }, at) => ({
      version: version - at,
      row: read.history(row)
    })),
    replies: stored.undelivered.map(({ sequence, row }) => ({ sequence, row: read.reply(row) })),
    inbox: stored.inbox.map(({ why, row }) => ({ why, event: read.inbox(row) })),
    parked: stored.parked.map(row => read.parked(row)),
    calls: stored.calls.map(({ key, row }) => ({ key, call: read.call(key, row) })),
    ...plain
  }
}

function recordsOf(read: Reading, { record, slots }: Exported) {
  const texts: readonly (string | null)[] = record === null ? [null, ...slots] : slots
  const [current = null, ...earlier] = texts.map(text => (text === null ? null : read.record(text)))
  return { record: current, earlier }
}

/** Reads stored texts; what does not read is told by its reason and size, never thrown. */
class Reading {
  readonly #ring: KeyRing
  readonly #conversation: string
  readonly #epoch: string

  constructor(ring: KeyRing, conversation: string, epoch: string) {
    this.#ring = ring
    this.#conversation = conversation
    this.#epoch = epoch
  }

  json(text: string): Readable {
    const value = parse(text)
    return E.isRight(value) ? value.right : unreadable(text, 'it is no JSON')
  }

  record(text: string): Readable {
    const schema = Number.MAX_SAFE_INTEGER
    const read = decodeRecord(text, { conversation: this.#conversation, ring: this.#ring, schema })
    if (read.tag !== 'decoded') return unreadable(text, read.failure.detail)
    // A round trip through JSON prints every secret as redacted.
    return JSON.parse(JSON.stringify(read.value)) as unknown
  }

  history(row: string): Readable {
    const value = this.json(row)
    const full = fieldOf(value, 'full')
    return typeof full === 'string' ? { ...(value as object), full: this.record(full) } : value
  }

  sealed(text: string, what: string): Readable {
    const place = aad({ conversation: this.#conversation, epoch: this.#epoch }, what)
    const opened = this.#ring.open(text, place)
    return E.isRight(opened) ? this.json(opened.right) : unreadable(text, opened.left.detail)
  }

  reply(row: string): Readable {
    return withoutSum(this.json(row))
  }

  inbox(row: string): Readable {
    const place = { conversation: this.#conversation, epoch: this.#epoch }
    const event = E.tryCatch(() => readInboxRow(this.#ring, place, row), whatWentWrong)
    return E.isRight(event) ? event.right : unreadable(row, event.left)
  }

  call(key: string, row: string): Readable {
    return withoutSum(this.#with(row, 'input', `call/${key}`) ?? this.json(row))
  }

  parked(row: string): Readable {
    const value = parse(row)
    return (
      this.#with(row, 'sealed', 'parked') ?? (E.isRight(value) ? value.right : this.record(row))
    )
  }

  #with(row: string, field: string, what: string): object | null {
    const value = parse(row)
    const text = E.isRight(value) ? fieldOf(value.right, field) : undefined
    if (E.isLeft(value) || typeof text !== 'string') return null
    return { ...(value.right as object), [field]: this.sealed(text, what) }
  }
}

// The checksum of a row says nothing to a reader, and changes with the key that seals.
function withoutSum(row: Readable): Readable {
  if (typeof row !== 'object' || row === null) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'sum'))
}

function unreadable(text: string, why: string): Readable {
  return { unreadable: why, bytes: Buffer.byteLength(text) }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined
}
