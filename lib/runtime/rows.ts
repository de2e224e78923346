import { crc32 } from 'node:zlib'
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CallIntent } from '../conversation/decision.ts'
import type { Call } from '../conversation/record.ts'
import { Reply } from '../conversation/reply.ts'
import {
  Inbound,
  OperatorCommand,
  type OutsideEvent,
  Told,
  type TurnEvent
} from '../conversation/turn-event.ts'
import { type Failure, type FailureCode, fail } from '../kernel/failure.ts'
import { type KeyRing, keyIdOf } from '../store/seal.ts'
import type { FailureContext } from './failure-context.ts'

/**
 * What stands in the store beside the record, row by row. What a member wrote and what a call is
 * given are sealed; replies are not, they leave the house anyway.
 */
const CallRow = t.exact(
  t.intersection([
    t.type({ name: t.string, cause: t.string, by: t.string, input: t.string }),
    // Absent until a lease is renewed or taken over: the first one begins with the call.
    t.partial({ until: t.number })
  ])
)
const ReplyRow = t.exact(
  t.intersection([
    t.type({ cause: t.string, by: t.string, at: t.number, reply: Reply }),
    // The prompt it bears, where somebody asks what becomes of it; and the key it had before it was
    // parked, when it is owed again.
    t.partial({ prompt: t.string, key: t.string })
  ])
)
type ReplyRow = t.TypeOf<typeof ReplyRow>
const DeferredEvent = t.union([Inbound, Told, OperatorCommand])

/** The stored row of an open call; its input is sealed, `by` is the instance that drives it. */
export function callRow(
  ring: KeyRing,
  place: RowPlace,
  { key, name, cause }: Call,
  { input: given }: CallIntent,
  by: string
): string {
  const input = ring.seal(JSON.stringify(given ?? null), aad(place, `call/${key}`))
  return summed({ name, cause, by, input })
}

/** An open call as its row tells it: `by` drives it, alone until `until` (store time). */
export interface StoredCallRow {
  readonly name: string
  readonly by: string
  readonly until: number
  readonly input: unknown
}

/** The same row, driven by this process until then. */
export function leasedCallRow(row: string, by: string, until: number): string {
  const { name, cause, input } = decoded(CallRow, row, 'call')
  return summed({ name, cause, by, until, input })
}

/** The name and the input of an open call, as they were committed. */
export function readCallRow(
  ring: KeyRing,
  place: RowPlace,
  key: string,
  row: string
): StoredCallRow {
  const { name, by, until = 0, input } = decoded(CallRow, row, 'call')
  return { name, by, until, input: parsed(opened(ring, input, aad(place, `call/${key}`))) }
}

/** The same row, its input sealed with the active key. */
export function resealedCallRow(ring: KeyRing, place: RowPlace, key: string, row: string): string {
  const { input, ...rest } = decoded(CallRow, row, 'call')
  const at = aad(place, `call/${key}`)
  return summed({ ...rest, input: ring.seal(opened(ring, input, at), at) })
}

/** What is not sealed of the row of an open call; null when it does not decode. */
export function readCallHead(row: string): Omit<t.TypeOf<typeof CallRow>, 'input'> | null {
  const result = CallRow.decode(parsed(row))
  return isRight(result) ? result.right : null
}

/**
 * The stored row of an undelivered reply: `cause` is the outside event it is owed to, `by` the
 * instance that committed it and sends it first.
 */
export function replyRow({
  cause,
  by,
  at,
  reply,
  prompt,
  key
}: Omit<ReplyRow, 'prompt' | 'key'> & {
  readonly prompt?: string | undefined
  readonly key?: string | undefined
}): string {
  if (prompt === undefined && key === undefined) return summed({ cause, by, at, reply })
  return summed({ cause, by, at, prompt, key, reply })
}

export function readReplyRow(row: string): ReplyRow {
  return decoded(ReplyRow, row, 'reply')
}

/** A deferred event as it waits in the inbox, sealed. */
export function inboxRow(ring: KeyRing, place: RowPlace, event: OutsideEvent): string {
  const sealed = ring.seal(JSON.stringify(event), aad(place, 'inbox'))
  return `${sealed}~${sumOf(sealed)}`
}

export function readInboxRow(ring: KeyRing, place: RowPlace, row: string): OutsideEvent {
  const { sealed, isDamaged } = sealedInboxRow(ring, row)
  const result = ring.open(sealed, aad(place, 'inbox'))
  if (isRight(result)) return waited(decoded(DeferredEvent, result.right, 'inbox'))
  if (isDamaged) return fail('CHP_RECORD_CORRUPT', 'A stored inbox row fails its checksum.')
  if (!SEALED.test(sealed)) return fail('CHP_RECORD_CORRUPT', 'A stored row is no sealed text.')
  return fail(result.left.code, result.left.detail)
}

function waited(event: OutsideEvent): OutsideEvent {
  return event.kind === 'Told' ? { ...event, waited: true } : event
}

/** The sealed text of an inbox row, and whether its checksum says that this is not all of it. */
function sealedInboxRow(
  { active }: KeyRing,
  row: string
): { readonly sealed: string; readonly isDamaged: boolean } {
  const at = row.lastIndexOf('~')
  // Every row ends with its checksum: without one it was cut, unless another build wrote it.
  if (at < 0) return { sealed: row, isDamaged: ['', active].includes(keyIdOf(row)) }
  const sealed = row.slice(0, at)
  return { sealed, isDamaged: row.slice(at + 1) !== sumOf(sealed) }
}

/** An event that was given up, with its cause; the event itself is sealed. */
export function parkedRow(
  ring: KeyRing,
  place: RowPlace,
  { event, failed, at, where, fault }: ParkedEvent
): string {
  const sealed = ring.seal(JSON.stringify(event), aad(place, 'parked'))
  const { code } = failed
  const given = { code, kind: event.kind, id: event.id, at, where }
  if (fault === null) return JSON.stringify({ ...given, sealed })
  const { cause, message, stack, attempt, version, build } = fault.context
  const { rule, why } = fault.verdict
  const context = { cause, message, stack, attempts: attempt, version, build, rule, why }
  return JSON.stringify({ ...given, ...context, sealed })
}

/** Under which kind a refused reply is listed among the parked events. */
export const REPLY = 'Reply'

/** A reply that its channel will never take; what it says, and what it was part of, is sealed. */
export function parkedReplyRow(
  ring: KeyRing,
  place: RowPlace,
  { key: id, at, where, version, why, provider, fingerprint, owed }: RefusedReplyRow
): string {
  const { cause, reply, prompt } = owed
  const sealed = ring.seal(JSON.stringify({ cause, prompt, reply }), aad(place, 'parked'))
  const code = 'CHP_REPLY_REFUSED' satisfies FailureCode
  const known = { code, kind: REPLY, id, at, where, cause: fingerprint, version, why }
  return JSON.stringify({ ...known, ...(provider === null ? {} : { provider }), sealed })
}

/** What is known of a refused reply; `provider` is the provider's code. */
interface RefusedReplyRow {
  readonly key: string
  readonly at: number
  readonly where: string
  readonly version: number
  readonly why: string
  readonly provider: string | null
  readonly fingerprint: string
  readonly owed: Pick<ReplyRow, 'cause' | 'reply'> & { readonly prompt?: string | undefined }
}

/** An event that is given up, and what is known of the reason. */
interface ParkedEvent {
  readonly event: TurnEvent
  readonly failed: Failure
  readonly at: number
  readonly where: string
  readonly fault: {
    readonly context: FailureContext
    readonly verdict: { readonly rule: number | null; readonly why: string }
  } | null
}

/** Where a row belongs; sealed text moved elsewhere does not open. */
export interface RowPlace {
  readonly conversation: string
  readonly epoch: string
}

/** Where a sealed text stands that is no record: `inbox`, `parked`, or `call/` and its key. */
export function aad({ conversation, epoch }: RowPlace, what: string): readonly string[] {
  return [conversation, epoch, what]
}

/** What every key makes: the id of the key, a dot, and no character that needs an escape. */
const SEALED = /^[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$/

function opened(ring: KeyRing, sealed: string, place: readonly string[]): string {
  if (!SEALED.test(sealed)) fail('CHP_RECORD_CORRUPT', 'A stored row is no sealed text.')
  const result = ring.open(sealed, place)
  return isRight(result) ? result.right : fail(result.left.code, result.left.detail)
}

const SUM = /,"sum":"([0-9a-f]{8})"\}$/

/** A row as JSON, its last field the checksum of what is before it. */
function summed(fields: object): string {
  const text = JSON.stringify(fields).slice(0, -1)
  return `${text},"sum":"${sumOf(text)}"}`
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function decoded<T>(codec: t.Type<T, unknown>, row: string, what: string): T {
  const sum = SUM.exec(row)
  if (sum !== null && sumOf(row.slice(0, sum.index)) !== sum[1]) {
    return fail('CHP_RECORD_CORRUPT', `A stored ${what} row fails its checksum.`)
  }
  const result = codec.decode(parsed(row))
  if (isRight(result)) return result.right
  return fail('CHP_RECORD_CORRUPT', `A stored ${what} row does not decode.`)
}

// What does not parse is told apart by no codec: none of them takes undefined.
function parsed(row: string): unknown {
  try {
    return JSON.parse(row)
  } catch (error) {
    return error instanceof SyntaxError ? undefined : fail('CHP_RECORD_CORRUPT', 'Unreadable row.')
  }
}
