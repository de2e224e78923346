import { createHash } from 'node:crypto'
import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import { Reply } from '../conversation/reply.ts'
import { Inbound, type ResendCommand, Told } from '../conversation/turn-event.ts'
import { fail } from '../kernel/failure.ts'
import { aad, REPLY, type RowPlace } from '../runtime/rows.ts'
import type { Exported } from '../store/conversation-store.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'

/**
 * What was given up, without what it says: an event, a reply that its channel will never take, or a
 * damaged row that was set aside.
 */
export interface ParkedEvent {
  /** Names it within its conversation. */
  readonly key: string
  readonly conversation: string
  /** Shared by failures that have one reason; null where that was not kept. */
  readonly cause: string | null
  readonly code: string
  /**
   * The event's; `Reply` for a reply. `Damaged` for a row, or a record, that nobody can read: it
   * can be discarded, not run again.
   */
  readonly kind: string
  /**
   * The event's, or the key of the reply, or what is damaged: `record`, `inbox`, `reply/NUMBER`,
   * `call/KEY`.
   */
  readonly id: string
  /** When it was parked (0 for a record: that is not kept), and `FLOW.step` where it stood. */
  readonly at: number
  readonly where: string
  /** Runs of the event, the build that ran it, and the version it ran on. */
  readonly attempts: number | null
  readonly build: string | null
  readonly version: number | null
  /** What was thrown, without its words, and the innermost frames. */
  readonly message: string | null
  readonly stack: readonly string[]
  /** Why it was given up; the provider's code where it gave one. */
  readonly why: string | null
  readonly provider: string | null
  readonly state: 'open' | 'redriven' | 'discarded'
}

const Done = t.type({ how: t.keyof({ redriven: null, discarded: null }) })

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
    provider: t.string,
    done: Done
  })
])
type Row = t.TypeOf<typeof Row>

/** What was set aside as it was found: a row beside the record, or a record. */
const Damaged = t.intersection([
  t.type({ code: t.string, row: t.string, at: t.number, raw: t.string }),
  t.partial({ rule: t.string, done: Done })
])
type Damaged = t.TypeOf<typeof Damaged>

/** Kind under which what is damaged is listed among the events. */
export const DAMAGED = 'Damaged'

/** Which of the parked events. */
export interface ParkedRange {
  /** Also those that were redriven or discarded; default only what is left to look at. */
  readonly settled?: boolean
}

/** The parked events of a conversation and what of it was found damaged, the oldest first. */
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
  return rows.map(text => eventOf(conversation, readIn(text)))
}

/** Where the row stands, the open one where two are the same; -1 for nowhere. */
export function placeOf(rows: readonly string[], key: string): number {
  const places = rows.flatMap((text, at) => (keyOf(readIn(text)) === key ? [at] : []))
  return places.find(at => isOpen(rows[at] ?? '')) ?? places[0] ?? -1
}

/** True for a row that nobody has settled. */
export function isOpen(text: string): boolean {
  return readIn(text).done === undefined
}

/**
 * What a parked row bears, unsealed; null for what cannot be run again: a timer, a call that ended,
 * what is damaged.
 *
 * Fails with `CHP_SEAL_KEY_UNKNOWN` when no key here opens it.
 */
export function sealedEvent(
  { ring }: Pick<Desk, 'ring'>,
  conversation: string,
  { fence }: Pick<Exported, 'fence'>,
  text: string
): Inbound | Told | null {
  const row = readIn(text)
  if ('raw' in row || fence === null) return null
  const parsed = parse(unsealed(ring, { conversation, epoch: fence.epoch }, row))
  const event = isRight(parsed) ? t.union([Inbound, Told]).decode(parsed.right) : parsed
  return isRight(event) ? event.right : null
}

/**
 * The parked reply that a row bears, as it was owed; null for what is none.
 *
 * Fails with `CHP_SEAL_KEY_UNKNOWN` when no key here opens it.
 */
export function sealedReply(
  { ring }: Pick<Desk, 'ring'>,
  conversation: string,
  { fence }: Pick<Exported, 'fence'>,
  text: string
): ResendCommand['owed'] | null {
  const row = readIn(text)
  if ('raw' in row || row.kind !== REPLY || fence === null) return null
  const parsed = parse(unsealed(ring, { conversation, epoch: fence.epoch }, row))
  const owed = isRight(parsed) ? Owed.decode(parsed.right) : parsed
  return isRight(owed) ? { ...owed.right, key: row.id } : null
}

const Owed = t.exact(
  t.intersection([t.type({ cause: t.string, reply: Reply }), t.partial({ prompt: t.string })])
)

function unsealed(ring: Desk['ring'], place: RowPlace, { sealed }: Row): string {
  const opened = ring.open(sealed, aad(place, 'parked'))
  return isRight(opened) ? opened.right : fail(opened.left.code, opened.left.detail)
}

/** The row as it is to be kept from now on. */
export function doneRow(text: string, done: object): string {
  return JSON.stringify({ ...readIn(text), done })
}

function eventOf(conversation: string, row: Row | Damaged): ParkedEvent {
  const known = 'raw' in row ? damagedIn(row) : eventIn(row)
  return { key: keyOf(row), conversation, ...known, state: row.done?.how ?? 'open' }
}

type Known = Omit<ParkedEvent, 'key' | 'conversation' | 'state'>

function eventIn(row: Row): Known {
  const { cause = null, attempts = null, build = null, message = null, why = null } = row
  const { code, kind, id, at, where, version = null, stack = [], provider = null } = row
  const met = { attempts, build, version, message, stack, why, provider }
  return { cause, code, kind, id, at, where, ...met }
}

function damagedIn({ code, row, at, rule }: Damaged): Known {
  const [id, where] = [row.replace(/\/$/, ''), 'none']
  const unknown = { cause: null, attempts: null, build: null, version: null, message: null }
  const why = { why: rule ?? null, provider: null }
  return { code, kind: DAMAGED, id, at, where, ...why, stack: [], ...unknown }
}

// The version tells apart what was parked, run again and parked once more in one millisecond, the
// hash what was found damaged in one commit.
function keyOf(row: Row | Damaged): string {
  if ('raw' in row) {
    const hash = createHash('sha256').update(row.raw).digest('base64url').slice(0, 16)
    return `${row.row}@${row.at}.${hash}`
  }
  const { id, at, version } = row
  return version === undefined ? `${id}@${at}` : `${id}@${at}.${version}`
}

/** A text that is neither is a record that was parked as it was found. */
function readIn(text: string): Row | Damaged {
  const parsed = parse(text)
  const row = isRight(parsed) ? t.union([Row, Damaged]).decode(parsed.right) : parsed
  if (isRight(row)) return row.right
  return { code: 'CHP_RECORD_CORRUPT', row: 'record', at: 0, raw: text }
}
