import { createHmac, hash } from 'node:crypto'
import type { Address } from '../conversation/address.ts'
import { fail } from '../kernel/failure.ts'
import type { Random } from '../kernel/random.ts'

const ID_BYTES = 16
const FINGERPRINT_BYTES = 8
const INSTANCE = /^[A-Za-z0-9._-]{1,64}$/

/** How many partitions a store is divided into; fixed by layout 1. */
export const PARTITIONS = 256

/**
 * The stored id of the conversation at this address: 22 characters of base64url.
 *
 * A keyed hash, so that no phone number stands in a key name, and two distinct addresses (however
 * hostile) never share one.
 */
export function conversationId(idKey: Uint8Array, { channel, account, user }: Address): string {
  const digest = createHmac('sha256', idKey)
    .update(lengthPrefixed(channel, account, user))
    .digest()
  return digest.toString('base64url', 0, ID_BYTES)
}

/** The 8 bytes by which the dedupe window knows an outside id. */
export function fingerprint(
  { channel, account }: Pick<Address, 'channel' | 'account'>,
  id: string
): Uint8Array {
  const digest = hash('sha256', lengthPrefixed(channel, account, id), 'buffer')
  return digest.subarray(0, FINGERPRINT_BYTES)
}

/** 32 bytes for another purpose than ids, by which the id key itself is not told. */
export function derivedSecret(idKey: Uint8Array, purpose: string): Uint8Array {
  return createHmac('sha256', idKey).update(`chaperone.secret.1.${purpose}`).digest()
}

/** The partition (0 to 255) of a stored id: the first byte of the hash it is written from. */
export function partitionOf(id: string): number {
  return ((sextet(id.charCodeAt(0)) << 2) | (sextet(id.charCodeAt(1)) >> 4)) & 0xff
}

/**
 * Makes heads, the names of commits: `<instance>/<process nonce>.<counter>`, never reused.
 *
 * Fails with CHP_SETTING_INVALID unless the instance is 1 to 64 of the characters A-Z a-z 0-9 . _ -
 */
export function headsOf(instance: string, random: Random): () => string {
  if (!INSTANCE.test(instance)) {
    fail(
      'CHP_SETTING_INVALID',
      `The instance name ${JSON.stringify(instance.slice(0, 80))} ` +
        'must be 1 to 64 of the characters A-Z a-z 0-9 . _ - .'
    )
  }
  const prefix = `${instance}/${nonce(random)}.`
  let count = 0
  return () => {
    count += 1
    return prefix + count.toString(36)
  }
}

/** True when this head was made by a process of this instance name. */
export function isHeadOf(instance: string, head: string): boolean {
  return head.length > instance.length && head[instance.length] === '/' && head.startsWith(instance)
}

/** A new epoch: 12 characters of A-Z a-z 0-9 _ - that no other incarnation bears. */
export function epochOf(random: Random): string {
  return nonce(random)
}

/** The epoch of a conversation that begins where nothing is stored: 13 such characters. */
export function firstEpochOf(random: Random): string {
  return FIRST + nonce(random)
}

/** True when a conversation of this epoch began where nothing was stored, not even a tombstone. */
export function isFirstEpoch(epoch: string): boolean {
  return epoch.length === FIRST_CHARACTERS && epoch.startsWith(FIRST)
}

const FIRST = '1'
const FIRST_CHARACTERS = 13

function nonce(random: Random): string {
  return Buffer.from(random.bytes(9)).toString('base64url')
}

const scratch = Buffer.allocUnsafe(4096)

// UTF-16 is exact for every JavaScript string; UTF-8 would take two lone surrogates for the same.
function lengthPrefixed(first: string, second: string, third: string): Buffer {
  const bytes = 12 + 2 * (first.length + second.length + third.length)
  const buffer = bytes > scratch.length ? Buffer.allocUnsafe(bytes) : scratch
  let at = 0
  for (const part of [first, second, third]) {
    at = buffer.writeUInt32BE(part.length, at)
    at += buffer.write(part, at, 'utf16le')
  }
  return buffer.subarray(0, at)
}

function sextet(code: number): number {
  if (code >= 97) return code - 71
  if (code === 95) return 63
  if (code >= 65) return code - 65
  return code === 45 ? 62 : code + 4
}
