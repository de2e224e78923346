import * as E from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import type { ConversationRecord } from '../../conversation/record.ts'
import { aad, inboxRow, type RowPlace, readInboxRow, resealedCallRow } from '../../runtime/rows.ts'
import type { Exported, Rewrite } from '../../store/conversation-store.ts'
import { decodeRecord, encodeRecord } from '../../store/envelope.ts'
import { type KeyRing, keyIdOf } from '../../store/seal.ts'

/** What is to be written so that one conversation is sealed with the active key. */
export interface ResealedRows {
  /** Null when there is nothing to write. */
  readonly rows: Rewrite | null
  /** Texts sealed with each other key, as they are stored. */
  readonly before: ReadonlyMap<string, number>
  /** The same once `rows` are written: those that could not be opened. */
  readonly left: ReadonlyMap<string, number>
}

const SEALED_BY = /"\$sealed":"([A-Za-z0-9_-]{1,32})\./g

/** Seals with the active key whatever of a conversation another key sealed. */
export function resealedRows(
  ring: KeyRing,
  conversation: string,
  epoch: string,
  stored: Exported
): ResealedRows {
  const work = new Work(ring, conversation, epoch)
  const calls = stored.calls.flatMap(({ key, row: old }) => {
    const row = work.call(key, old)
    return row === null ? [] : [{ key, row }]
  })
  const rows = {
    slots: stored.slots.map(text => work.record(text)),
    calls,
    inbox: stored.inbox.map(({ row }) => work.inbox(row)),
    history: stored.history.map(({ row }) => work.history(row)),
    parked: stored.parked.map(row => work.field(row, 'sealed', 'parked') ?? work.record(row))
  }
  const { slots, inbox, history, parked } = rows
  const isNothing = [...slots, ...inbox, ...history, ...parked].every(text => text === null)
  const { before, left } = work
  return { rows: isNothing && calls.length === 0 ? null : rows, before, left }
}

/** Texts sealed anew, or null where nothing is to be done; counts what other keys sealed. */
class Work {
  readonly before = new Map<string, number>()
  readonly left = new Map<string, number>()
  readonly #ring: KeyRing
  readonly #conversation: string
  readonly #epoch: string

  constructor(ring: KeyRing, conversation: string, epoch: string) {
    this.#ring = ring
    this.#conversation = conversation
    this.#epoch = epoch
  }

  record(text: string): string | null {
    const others = Array.from(text.matchAll(SEALED_BY), ([, key]) => key!).filter(
      key => key !== this.#ring.active
    )
    if (others.length === 0) return null
    const [ring, conversation] = [this.#ring, this.#conversation]
    const read = decodeRecord(text, { conversation, ring, schema: Number.MAX_SAFE_INTEGER })
    const isRead = read.tag === 'decoded'
    for (const key of others) this.#count(key, isRead)
    if (!isRead) return null
    const { epoch, version, value } = read
    return encodeRecord(value as ConversationRecord, { conversation, epoch, version, ring })
  }

  history(row: string): string | null {
    const value = objectIn(row)
    const full = value === null ? undefined : value['full']
    const text = typeof full === 'string' ? this.record(full) : null
    return text === null ? null : JSON.stringify({ ...value, full: text })
  }

  sealed(text: string, what: string): string | null {
    const key = keyIdOf(text)
    if (key === this.#ring.active || key === '') return null
    const place = aad({ conversation: this.#conversation, epoch: this.#epoch }, what)
    const opened = this.#ring.open(text, place)
    this.#count(key, E.isRight(opened))
    return E.isRight(opened) ? this.#ring.seal(opened.right, place) : null
  }

  inbox(row: string): string | null {
    return this.#row(keyIdOf(row), place => {
      const event = readInboxRow(this.#ring, place, row)
      return inboxRow(this.#ring, place, event)
    })
  }

  call(key: string, row: string): string | null {
    const input = objectIn(row)?.['input']
    return this.#row(typeof input === 'string' ? keyIdOf(input) : '', place =>
      resealedCallRow(this.#ring, place, key, row)
    )
  }

  #row(sealedBy: string, anew: (place: RowPlace) => string): string | null {
    if (sealedBy === this.#ring.active || sealedBy === '') return null
    const place = { conversation: this.#conversation, epoch: this.#epoch }
    const row = E.tryCatch(
      () => anew(place),
      () => null
    )
    this.#count(sealedBy, E.isRight(row))
    return E.isRight(row) ? row.right : null
  }

  field(row: string, name: string, what: string): string | null {
    const value = objectIn(row)
    const text = value === null ? undefined : value[name]
    const sealed = typeof text === 'string' ? this.sealed(text, what) : null
    return sealed === null ? null : JSON.stringify({ ...value, [name]: sealed })
  }

  #count(key: string, isOpened: boolean): void {
    this.before.set(key, (this.before.get(key) ?? 0) + 1)
    if (!isOpened) this.left.set(key, (this.left.get(key) ?? 0) + 1)
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  const value = parse(text)
  if (E.isLeft(value) || typeof value.right !== 'object' || value.right === null) return null
  return value.right as Readonly<Record<string, unknown>>
}
