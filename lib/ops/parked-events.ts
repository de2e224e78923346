import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import { Inbound, Told } from '../conversation/turn-event.ts'
import { fail } from '../kernel/failure.ts'
import { aad } from '../runtime/rows.ts'
import type { Exported } from '../store/conversation-store.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'

/** An event that was given up, without what it says. */
export interface ParkedEvent {
  /** Names it within its conversation. */
  readonly key: string
  readonly conversation: string
  /** Shared by failures that have one reason; null where that was not kept. */
  readonly cause: string | null
  readonly code: string
  readonly kind: string
  readonly id: string
  /** When it was parked, and `FLOW.step` where the conversation stood. */
  readonly at: number
  readonly where: string
  /** Runs of the event, the build that ran it, and the version it ran on. */
  readonly attempts: number | null
  readonly build: string | null
  readonly version: number | null
  /** What was thrown, without its words, and the innermost frames. */
  readonly message: string | null
  readonly stack: readonly string[]
  /** Why it was given up. */
  readonly why: string | null
  readonly state: 'open' | 'redriven' | 'discarded'
}

const Row = t.intersection([
  t.type({ code: t.string, kind: t.string, id: t.string, at: t.number, where: t.string }),
  t.type({ sealed: t.string }),
  t.partial({
    cause: t.string,
    attempts: t.number,
    build: t.string,
    version: t.number,
    message: t.string,
    stack: t.readonlyArray(t.string),
    why: t.string,
    done: t.type({ how: t.keyof({ redriven: null, discarded: null }) })
  })
])
type Row = t.TypeOf<typeof Row>

/** Which of the parked events. */
export interface ParkedRange {
  /** Also those that were redriven or discarded; default only what is left to look at. */
  readonly settled?: boolean
}

/** The parked events of a conversation, the oldest first; what else was parked is left out. */
export async function parkedEvents(
  desk: Pick<Desk, 'store' | 'idOf'>,
  who: Who,
  { settled = false }: ParkedRange = {}
): Promise<readonly ParkedEvent[] | Refusal> {
  const conversation = await conversationOf(desk, who)
  const { fence, parked } = await desk.store.export(conversation)
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  return eventsIn(conversation, parked).filter(({ state }) => settled || state === 'open')
}

/** The same, settled or not, of rows that were read. */
export function eventsIn(conversation: string, rows: readonly string[]): readonly ParkedEvent[] {
  return rows.flatMap(text => {
    const row = rowIn(text)
    return row === null ? [] : [eventOf(conversation, row)]
  })
}

/** Where the row of an event stands; -1 for nowhere. */
export function placeOf(rows: readonly string[], key: string): number {
  return rows.findIndex(text => {
    const row = rowIn(text)
    return row !== null && keyOf(row) === key
  })
}

/** True for a row that nobody has settled, also for one that is no event. */
export function isOpen(text: string): boolean {
  return rowIn(text)?.done === undefined
}

/**
 * What a parked row bears, unsealed; null for what cannot be run again: a timer, a call that ended.
 *
 * Fails with `CHP_SEAL_KEY_UNKNOWN` when no key here opens it.
 */
export function sealedEvent(
  { ring }: Pick<Desk, 'ring'>,
  conversation: string,
  { fence }: Pick<Exported, 'fence'>,
  text: string
): Inbound | Told | null {
  const row = rowIn(text)
  if (row === null || fence === null) return null
  const opened = ring.open(row.sealed, aad({ conversation, epoch: fence.epoch }, 'parked'))
  if (!isRight(opened)) return fail(opened.left.code, opened.left.detail)
  const parsed = parse(opened.right)
  const event = isRight(parsed) ? t.union([Inbound, Told]).decode(parsed.right) : parsed
  return isRight(event) ? event.right : null
}

/** The row as it is to be kept from now on. */
export function doneRow(text: string, done: object): string {
  return JSON.stringify({ ...rowIn(text), done })
}

function eventOf(conversation: string, row: Row): ParkedEvent {
  const { cause = null, attempts = null, build = null, message = null, why = null } = row
  const { code, kind, id, at, where, version = null, stack = [], done } = row
  const known = { cause, code, kind, id, at, where, attempts, build, version, message, stack, why }
  return { key: keyOf(row), conversation, ...known, state: done?.how ?? 'open' }
}

// The version tells apart what was parked, run again and parked once more in one millisecond.
function keyOf({ id, at, version }: Row): string {
  return version === undefined ? `${id}@${at}` : `${id}@${at}.${version}`
}

function rowIn(text: string): Row | null {
  const parsed = parse(text)
  const row = isRight(parsed) ? Row.decode(parsed.right) : parsed
  return isRight(row) ? row.right : null
}
