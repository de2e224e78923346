import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail, failure } from '../kernel/failure.ts'
import { type Random, systemRandom } from '../kernel/random.ts'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

/** Seals texts at rest; the sealed text names its key, so that keys can be rotated. */
export interface KeyRing {
  /** The id of the key that seals; every key of the ring opens. */
  readonly active: string
  /** `place` says where the text stands; the sealed text opens nowhere else. */
  seal(text: string, place: readonly string[]): string
  /** Fails with CHP_SEAL_KEY_UNKNOWN for a key not here, another place, or a changed text. */
  open(sealed: string, place: readonly string[]): E.Either<Failure, string>
}

/**
 * A key ring for secret fields: AES-256-GCM, 32 bytes a key.
 *
 * To rotate, add a key, name it `active`, and keep the old one until nothing is sealed with it.
 * Fails with CHP_SETTING_INVALID when a key has another length or the active one is missing.
 *
 * @example
 * const ring = keyRing({ active: 'k2', keys: { k1: oldKey, k2: newKey } })
 */
export function keyRing({
  active,
  keys,
  random = systemRandom
}: {
  readonly active: string
  readonly keys: Readonly<Record<string, Uint8Array>>
  readonly random?: Random
}): KeyRing {
  const known = new Map(Object.entries(keys).map(([id, bytes]) => [id, checkedKey(id, bytes)]))
  const sealing = known.get(active)
  if (sealing === undefined) {
    return fail('CHP_SETTING_INVALID', `The active seal key ${quoted(active)} is not in the ring.`)
  }
  return {
    active,
    seal: (text, place) => `${active}.${sealWith(sealing, random, text, place)}`,
    open: (sealed, place) => {
      const key = known.get(keyIdOf(sealed))
      return key === undefined
        ? E.left(failure('CHP_SEAL_KEY_UNKNOWN', `No seal key ${quoted(keyIdOf(sealed))} is here.`))
        : openWith(key, sealed.slice(keyIdOf(sealed).length + 1), place)
    }
  }
}

/** The id of the key a text was sealed with. */
export function keyIdOf(sealed: string): string {
  const end = sealed.indexOf('.')
  return end < 0 ? '' : sealed.slice(0, end)
}

function sealWith(key: KeyObject, random: Random, text: string, place: readonly string[]): string {
  const iv = random.bytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv)
  cipher.setAAD(placeBytes(place))
  const body = cipher.update(text, 'utf8')
  const rest = cipher.final()
  return Buffer.concat([iv, cipher.getAuthTag(), body, rest]).toString('base64url')
}

function openWith(
  key: KeyObject,
  text: string,
  place: readonly string[]
): E.Either<Failure, string> {
  const bytes = Buffer.from(text, 'base64url')
  // Two spellings of the same bytes would let a changed text pass unnoticed.
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) {
    return E.left(failure('CHP_SEAL_KEY_UNKNOWN', 'A sealed field is cut or misspelt.'))
  }
  return E.tryCatch(
    () => {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES
      })
      decipher.setAAD(placeBytes(place))
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      const body = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    },
    cause => failure('CHP_SEAL_KEY_UNKNOWN', 'A sealed field fails its check.', cause)
  )
}

function placeBytes(place: readonly string[]): Buffer {
  return Buffer.from(place.map(part => `${part.length}:${part}`).join(''))
}

function checkedKey(id: string, bytes: Uint8Array): KeyObject {
  if (!KEY_ID.test(id)) {
    fail(
      'CHP_SETTING_INVALID',
      `The seal key id ${quoted(id)} must be 1 to 32 of the characters A-Z a-z 0-9 _ - .`
    )
  }
  if (bytes.length !== KEY_BYTES) {
    fail(
      'CHP_SETTING_INVALID',
      `The seal key ${quoted(id)} has ${bytes.length} bytes instead of ${KEY_BYTES}.`
    )
  }
  return createSecretKey(Uint8Array.from(bytes))
}

function quoted(id: string): string {
  return JSON.stringify(id.slice(0, 40))
}
