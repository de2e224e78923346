import { crc32 } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import type { ConversationRecord } from '../conversation/record.ts'
import { type Failure, fail, failure, failureOf } from '../kernel/failure.ts'
import type { KeyRing } from './seal.ts'
import { holdsSecret, placeText, sealedCore, unsealedCore } from './sealed-core.ts'

/** The way records are written; a reader never touches a record of a newer one. */
const LAYOUT = '01'

// Fixed width, so that no single damaged byte makes this layout look like a newer one.
const HEADER = /^L(\d\d) (0|[1-9]\d{0,15}) ([^ \n:.]{1,64}) (0|[1-9]\d{0,15}) ([0-9a-f]{8})\n/
const NEWER = /^L(\d\d) /
const REDACTED = '[redacted]'

/** Which commit of which conversation a record belongs to, and the keys that seal its secrets. */
export interface RecordPlace {
  readonly conversation: string
  readonly epoch: string
  readonly version: number
  readonly ring: KeyRing
}

/** What a stored text turned out to be. */
export type DecodedRecord =
  | {
      readonly tag: 'decoded'
      readonly version: number
      readonly epoch: string
      /** The bot's schema the record was written in: never newer than ours. */
      readonly schema: number
      /** Not yet checked by the bot's codec; secrets are `Secret` values again. */
      readonly value: unknown
    }
  | { readonly tag: 'corrupt'; readonly failure: Failure }
  /** Written by a newer layout or schema: to be kept and left alone. */
  | { readonly tag: 'future'; readonly failure: Failure }

/**
 * Writes a record as text: a header with schema, epoch, version and checksum, then JSON in which
 * every secret of `core` is sealed.
 *
 * The text of a frozen `core` is kept with it, so a turn that leaves it alone seals nothing. Fails
 * with CHP_DECISION_INVALID for a secret outside `core` or a schema that is no whole number.
 */
export function encodeRecord(record: ConversationRecord, place: RecordPlace): string {
  const { core, ...rest } = record
  const { schema } = record
  if (!Number.isSafeInteger(schema) || schema < 0) {
    fail('CHP_DECISION_INVALID', 'The schema of the record is not a whole number.')
  }
  const restText = JSON.stringify(rest)
  // A secret prints as this text, so only a record that holds it can have lost one.
  if (restText.includes(REDACTED) && holdsSecret(rest)) {
    fail('CHP_DECISION_INVALID', 'A secret stands outside `core`, where it would not be sealed.')
  }
  const { core: coreText, sum } = sealedCore(core, place)
  const { version, epoch } = place
  const tail = `,${restText.slice(1)}`
  const crc = ended(crc32(`${tail}\n${version} ${schema}`, sum))
  return `L${LAYOUT} ${schema} ${epoch} ${version} ${crc}\n${coreText}${tail}`
}

/**
 * Reads what `encodeRecord` wrote; never throws.
 *
 * A wrong checksum, a foreign conversation, broken JSON or a secret that does not open is
 * `corrupt`; a layout or schema above ours is `future`.
 */
export function decodeRecord(
  text: string,
  {
    conversation,
    ring,
    schema
  }: { readonly conversation: string; readonly ring: KeyRing; readonly schema: number }
): DecodedRecord {
  const header = HEADER.exec(text)
  const intact = header !== null && isIntact(header, text, conversation)
  const newer = NEWER.exec(text)
  if (newer !== null && newer[1]! > LAYOUT && !intact) {
    return future(`The record has layout ${Number(newer[1])}.`)
  }
  if (header === null) return corrupt('The record has no header.')
  if (!intact || header[1] !== LAYOUT) return corrupt('The record fails its checksum.')
  const [, , writtenSchema, epoch, version] = header
  if (Number(writtenSchema) > schema) return future(`The record has schema ${writtenSchema}.`)
  return E.match<Failure, unknown, DecodedRecord>(
    failed => ({ tag: 'corrupt', failure: failed }),
    value => ({
      tag: 'decoded',
      version: Number(version),
      epoch: epoch!,
      schema: Number(writtenSchema),
      value
    })
  )(opened(text.slice(header[0].length), { conversation, epoch: epoch!, ring }))
}

function opened(payload: string, place: Omit<RecordPlace, 'version'>): E.Either<Failure, unknown> {
  return E.tryCatch(
    () => {
      const value: unknown = JSON.parse(payload)
      if (!isObject(value) || !Object.hasOwn(value, 'core')) {
        return fail('CHP_RECORD_CORRUPT', 'The record is no object with a core.')
      }
      value['core'] = unsealedCore(value['core'], place)
      return value
    },
    cause => failureOf(cause) ?? failure('CHP_RECORD_CORRUPT', 'The record does not parse.', cause)
  )
}

function isIntact(header: RegExpExecArray, text: string, conversation: string): boolean {
  const [whole, , schema, epoch, version, crc] = header
  const payload = text.slice(whole.length)
  const sum = crc32(placeText({ conversation, epoch: epoch! }))
  return ended(crc32(`${payload}\n${version} ${schema}`, sum)) === crc
}

function ended(sum: number): string {
  return sum.toString(16).padStart(8, '0')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function corrupt(detail: string): DecodedRecord {
  return { tag: 'corrupt', failure: failure('CHP_RECORD_CORRUPT', detail) }
}

function future(detail: string): DecodedRecord {
  return { tag: 'future', failure: failure('CHP_RECORD_FUTURE', detail) }
}
