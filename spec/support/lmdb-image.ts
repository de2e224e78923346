import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../lib/kernel/failure.ts'
import { type Random, systemRandom } from '../../lib/kernel/random.ts'
import type { Fence, Opened } from '../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { aCommit, anId, done } from '../../lib/testing/store-contract/store-check.ts'

/** Bytes of a page of the data file, as LMDB chose it here. */
export const PAGE_BYTES = 4096

/** A data file as it stood after its last commit and after the one before, and what it holds. */
export interface LmdbImage {
  readonly newest: Buffer
  readonly before: Buffer
  readonly ids: readonly string[]
  /** The conversation of the last commit; in `before` its version is one less. */
  readonly last: string
  readonly versions: ReadonlyMap<string, number>
}

/** What opening a data file and using all of it came to. */
type Opening =
  | { readonly tag: 'refused'; readonly error: unknown; readonly bytes: Buffer }
  | {
      readonly tag: 'opened'
      readonly opened: Opened
      readonly versions: ReadonlyMap<string, number>
      /** How many conversations took a commit afterwards. */
      readonly taken: number
    }

/** Makes a file of some hundred pages: values of all lengths, rows removed, free pages. */
export async function lmdbImage(conversations: number): Promise<LmdbImage> {
  return inDirectory(async path => {
    const store = lmdbStore({ path })
    await store.open(secrets())
    const fences = new Map<string, Fence>()
    const commit = async (id: string, turn: number): Promise<void> => {
      const change = {
        record: 'r'.repeat(turn % 5 === 0 ? 9000 : 400 + turn * 10),
        replies: ['one', 'other'],
        acknowledgedThrough: turn,
        dueMs: 1_000_000_000_000 + turn,
        fingerprint: systemRandom.bytes(8)
      }
      fences.set(id, (await done(store, id, aCommit(fences.get(id) ?? null, change))).fence)
    }
    const ids = Array.from({ length: conversations }, anId)
    for (let turn = 0; turn < 8; turn += 1) await Promise.all(ids.map(id => commit(id, turn)))
    const file = join(path, 'data.mdb')
    const before = readFileSync(file)
    const last = ids[0]!
    await commit(last, 8)
    const newest = readFileSync(file)
    await store.close()
    const versions = new Map(ids.map(id => [id, fences.get(id)!.version]))
    return { newest, before, ids, last, versions }
  })
}

/** Opens these bytes as a store, loads every conversation and commits to each. */
export async function openingOf(bytes: Buffer, ids: readonly string[]): Promise<Opening> {
  return inDirectory(async path => {
    const file = join(path, 'data.mdb')
    writeFileSync(file, bytes)
    const store = lmdbStore({ path })
    try {
      const opened = await store.open(secrets())
      const versions = new Map<string, number>()
      let taken = 0
      for (const id of ids) {
        const { fence } = await store.load(id)
        versions.set(id, fence?.version ?? 0)
        await store.recoverable(id)
        const { tag } = await store.commit(id, aCommit(fence))
        if (tag === 'committed') taken += 1
      }
      return { tag: 'opened', opened, versions, taken }
    } catch (error) {
      return { tag: 'refused', error, bytes: readFileSync(file) }
    } finally {
      await store.close()
    }
  })
}

/** Damages a copy of these bytes, as this kind of damage does, at a place drawn at random. */
export function damaged(bytes: Buffer, kind: string, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const below = (limit: number): number => Math.floor(random.fraction() * limit)
  const page = (2 + below(bytes.length / PAGE_BYTES - 2)) * PAGE_BYTES
  if (kind === 'cut') return copy.subarray(0, 1 + below(bytes.length - 1))
  if (kind === 'page') copy.set(random.bytes(PAGE_BYTES), page)
  else if (kind === 'head') copy.set(random.bytes(24), page)
  else if (kind === 'header') copy[24 + below(2) * PAGE_BYTES + below(136)]! ^= 1 << below(8)
  else if (kind === 'zeros') copy.fill(0, page, page + PAGE_BYTES)
  else if (kind === 'swapped') copy.copyWithin(page, 2 * PAGE_BYTES, 3 * PAGE_BYTES)
  else for (let bit = 0; bit < 30; bit += 1) copy[page + below(256)]! ^= 1 << below(8)
  return copy
}

/** What every conversation had before the last commit. */
export function versionsBefore({ versions, last }: LmdbImage): ReadonlyMap<string, number> {
  return new Map([...versions, [last, versions.get(last)! - 1]])
}

/** Insists that a file was refused and left alone, or has all, less a commit that it owns to. */
export function checkOpening(opening: Opening, given: Buffer, image: LmdbImage): void {
  if (opening.tag === 'refused') {
    assert.equal(failureOf(opening.error)?.code, 'CHP_STORE_DAMAGED', String(opening.error))
    assert.ok(opening.bytes.equals(given), 'the damaged file was written to')
    return
  }
  const { opened, versions, taken } = opening
  assert.deepEqual(versions, opened.warnings.length === 0 ? image.versions : versionsBefore(image))
  assert.equal(taken, image.ids.length)
}

/** The kinds of `damaged`. */
export const DAMAGES = ['cut', 'page', 'head', 'zeros', 'swapped', 'bits', 'header'] as const

async function inDirectory<T>(run: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  try {
    return await run(path)
  } finally {
    rmSync(path, { recursive: true })
  }
}

function secrets(): { idKey: Uint8Array; sealKey: Uint8Array } {
  return { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
}
