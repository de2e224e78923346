import { crc32 } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import { ChaperoneError } from '../kernel/failure.ts'
import { Secret } from '../kernel/secret.ts'
import { type KeyRing, keyIdOf } from './seal.ts'

interface Place {
  readonly conversation: string
  readonly epoch: string
  readonly ring: KeyRing
}
interface KeptSecret {
  readonly ring: KeyRing
  readonly place: string
  readonly text: string
}
interface KeptCore extends Place, SealedCore {}

/** How the JSON of a record begins, and the running checksum of place and that beginning. */
export interface SealedCore {
  readonly core: string
  readonly sum: number
}

const SEALED = '$sealed'
// Data of the bot may bear our own mark: one more `$` in front tells it from a sealed field.
const MARK = /^\$+sealed$/
const coreTexts = new WeakMap<object, KeptCore>()
const sealedTexts = new WeakMap<Secret, KeptSecret>()

/**
 * The beginning of a record's JSON, its core with the secrets sealed; kept with the core when that
 * is frozen, so that a turn which leaves the core alone neither writes, seals nor sums it.
 */
export function sealedCore(core: object, { conversation, epoch, ring }: Place): SealedCore {
  const kept = coreTexts.get(core)
  if (
    kept !== undefined &&
    kept.ring === ring &&
    kept.epoch === epoch &&
    kept.conversation === conversation
  ) {
    return kept
  }
  const place = { conversation, epoch, ring }
  const text = `{"core":${JSON.stringify(sealed(core, ['core'], place))}`
  const sum = crc32(text, crc32(placeText(place)))
  // Field by field: V8 gives each object that is spread and then added to
  // a hidden class of its own.
  const made: KeptCore = { conversation, epoch, ring, core: text, sum }
  if (Object.isFrozen(core)) coreTexts.set(core, made)
  return made
}

/** What a checksum begins with: which conversation and which incarnation of it. */
export function placeText({ conversation, epoch }: Omit<Place, 'ring'>): string {
  return `${conversation.length}:${conversation}${epoch.length}:${epoch}`
}

/** A parsed core with its secrets opened; throws a `ChaperoneError` when one does not open. */
export function unsealedCore(value: unknown, place: Place): unknown {
  return unsealed(value, ['core'], place)
}

/** True when a secret stands anywhere in this value. */
export function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret)
}

function sealed(value: unknown, path: readonly string[], place: Place): unknown {
  if (value instanceof Secret) return { [SEALED]: sealedSecret(value, path, place) }
  return rebuilt(value, (key, inner) => [
    MARK.test(key) ? `$${key}` : key,
    sealed(inner, [...path, key], place)
  ])
}

function unsealed(value: unknown, path: readonly string[], place: Place): unknown {
  const text = sealedTextOf(value)
  if (text !== null) return openedSecret(text, path, place)
  return rebuilt(value, (key, inner) => {
    const own = MARK.test(key) ? key.slice(1) : key
    return [own, unsealed(inner, [...path, own], place)]
  })
}

function sealedTextOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const text: unknown = Object.hasOwn(value, SEALED) ? Reflect.get(value, SEALED) : null
  return typeof text === 'string' && Object.keys(value).length === 1 ? text : null
}

// A sealed text stays with its secret until key or place change: sealing anew costs 5 us.
function sealedSecret(secret: Secret, path: readonly string[], at: Place): string {
  const { ring } = at
  const parts = placeOf(path, at)
  const place = JSON.stringify(parts)
  const kept = sealedTexts.get(secret)
  if (
    kept !== undefined &&
    kept.ring === ring &&
    kept.place === place &&
    keyIdOf(kept.text) === ring.active
  ) {
    return kept.text
  }
  const text = ring.seal(secret.reveal(), parts)
  sealedTexts.set(secret, { ring, place, text })
  return text
}

function openedSecret(text: string, path: readonly string[], at: Place): Secret {
  const { ring } = at
  const parts = placeOf(path, at)
  const opened = ring.open(text, parts)
  if (E.isLeft(opened)) throw new ChaperoneError(opened.left)
  const secret = Secret.of(opened.right)
  sealedTexts.set(secret, { ring, place: JSON.stringify(parts), text })
  return secret
}

function placeOf(path: readonly string[], { conversation, epoch }: Place): readonly string[] {
  return [conversation, epoch, ...path]
}

// `Object.fromEntries` writes a key named `__proto__` as data; assignment would set the prototype.
function rebuilt(
  value: unknown,
  change: (key: string, inner: unknown) => readonly [string, unknown]
): unknown {
  if (Array.isArray(value)) return value.map((inner, at) => change(String(at), inner)[1])
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const changed = entries.map(([key, inner]) => change(key, inner))
  const same = changed.every(
    ([key, inner], at) => key === entries[at]![0] && inner === entries[at]![1]
  )
  return same ? value : Object.fromEntries(changed)
}
