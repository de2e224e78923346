import { BOUNDS, type Full } from '../conversation-store.ts'

// An entry is text: 16 hex digits of fingerprint, 8 of store seconds, 4 of version.
const PRINT = 16
const SECONDS = 24
const ENTRY = 28

/** When and for which version an id is looked up. */
export interface DedupeMoment {
  readonly version: number
  readonly nowMs: number
}

/** True when the bucket holds this fingerprint, aligned. */
export function holds(bucket: string, fingerprint: Uint8Array): boolean {
  const print = hex(fingerprint)
  for (let at = bucket.indexOf(print); at >= 0; at = bucket.indexOf(print, at + 1)) {
    if (at % ENTRY === 0) return true
  }
  return false
}

/** The bucket without the entries that may go, which stand in front. */
export function pruned(bucket: string, { version, nowMs }: DedupeMoment): string {
  const oldest = seconds(nowMs) - BOUNDS.dedupeSeconds
  let cut = 0
  while (cut < bucket.length) {
    const age = (version - Number.parseInt(bucket.slice(cut + SECONDS, cut + ENTRY), 16)) & 0xffff
    if (secondsAt(bucket, cut) >= oldest || age <= BOUNDS.dedupeVersions) break
    cut += ENTRY
  }
  return bucket.slice(cut)
}

/** The refusal when a pruned bucket has no room, or null. */
export function fullOf(bucket: string, nowMs: number): Full | null {
  if (bucket.length < BOUNDS.dedupeBucketIds * ENTRY) return null
  const untilMs = (secondsAt(bucket, 0) + BOUNDS.dedupeSeconds + 1) * 1000
  return { tag: 'full', what: 'ids', untilMs: untilMs > nowMs ? untilMs : null }
}

/** The pruned bucket with one entry more. */
export function withPrint(
  bucket: string,
  fingerprint: Uint8Array,
  { version, nowMs }: DedupeMoment
): string {
  return bucket + hex(fingerprint) + digits(seconds(nowMs), 8) + digits(version & 0xffff, 4)
}

function secondsAt(bucket: string, entry: number): number {
  return Number.parseInt(bucket.slice(entry + PRINT, entry + SECONDS), 16)
}

function seconds(nowMs: number): number {
  return Math.floor(nowMs / 1000)
}

function hex(fingerprint: Uint8Array): string {
  return Buffer.from(fingerprint).toString('hex')
}

function digits(number: number, count: number): string {
  return number.toString(16).padStart(count, '0')
}
