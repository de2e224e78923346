import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { systemRandom } from '../lib/kernel/random.ts'
import type { Fence } from '../lib/store/conversation-store.ts'
import { lmdbStore } from '../lib/store/lmdb/lmdb-store.ts'
import { readFence } from '../lib/store/standing.ts'
import { aCommit } from '../lib/testing/store-contract/store-check.ts'

/** How many conversations commit, how many at once, and for how long. */
export interface EmbeddedLoad {
  readonly inFlight: number
  readonly conversations: number
  readonly seconds: number
}

/** What a round showed: commits, and the time of all threads for each. */
export interface EmbeddedRound {
  readonly perSecond: number
  readonly nodeUs: number
}

const RECORD = 'r'.repeat(587)
const ROW = 'h'.repeat(135)
const REPLY = 'o'.repeat(150)
const HEAD_BYTES = 25
const STATE = 's'.repeat(110)
const BUCKET = 'd'.repeat(4 * 28)
const HISTORY_ROWS = 36
const TRIMMED = 16

/** Commits through the store: fence, window, bounds, due and activity included. */
export async function throughStore(load: EmbeddedLoad): Promise<EmbeddedRound> {
  return inDirectory(async path => {
    const store = lmdbStore({ path })
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    let count = 0
    const round = await timed(load, () => {
      const id = Buffer.from(systemRandom.bytes(16)).toString('base64url')
      let fence: Fence | null = null
      return async () => {
        count += 1
        const print = Buffer.alloc(8)
        print.writeUInt32BE(Math.imul(count, 0x9e37_79b1) >>> 0)
        print.writeUInt32BE(count, 4)
        const sent = fence === null ? null : readFence(fence).standing.outNext - 1
        const outcome = await store.commit(
          id,
          aCommit(fence, {
            head: `bench/a1b2c3d4.${count}`,
            record: RECORD,
            history: ROW,
            replies: [REPLY],
            fingerprint: print,
            acknowledgedThrough: sent,
            dueMs: 1_800_000_000_000
          })
        )
        if (outcome.tag !== 'committed') throw new Error(`The commit was "${outcome.tag}".`)
        fence = outcome.fence
      }
    })
    await store.close()
    return round
  })
}

/** The floor: the same rows, written by the library alone, with nothing read but two of them. */
export async function throughLibrary(load: EmbeddedLoad): Promise<EmbeddedRound> {
  return inDirectory(async path => {
    const database = open<string, string>({
      path,
      noSubdir: false,
      encoding: 'string',
      overlappingSync: false
    })
    const round = await timed(load, at => {
      const root = `chp:main:c:conversation-number-${String(at).padStart(4, '0')}:`
      const row = (version: number): string => `${root}h${String(version).padStart(16, '0')}`
      let version = 0
      return () => {
        version += 1
        return database.transaction(() => {
          const bucket = `${root}d${version % 64}`
          database.get(`${root}s`)
          database.get(bucket)
          void database.put(bucket, BUCKET)
          void database.put(`${root}r${version % 2}`, RECORD)
          void database.put(`${root}o0`, REPLY)
          void database.put(row(version), ROW + ' '.repeat(HEAD_BYTES))
          if (version > HISTORY_ROWS && version % TRIMMED === 0) {
            for (let back = 0; back < TRIMMED; back += 1) {
              void database.remove(row(version - HISTORY_ROWS + back))
            }
          }
          void database.put(`${root}s`, STATE)
        })
      }
    })
    await database.close()
    return round
  })
}

async function timed(
  { inFlight, conversations, seconds }: EmbeddedLoad,
  make: (at: number) => () => Promise<void>
): Promise<EmbeddedRound> {
  const commits = Array.from({ length: conversations }, (_, at) => make(at))
  let done = 0
  const startedMs = performance.now()
  const before = process.cpuUsage()
  const endMs = startedMs + seconds * 1000
  const sender = async (first: number): Promise<void> => {
    for (let at = first; performance.now() < endMs; at = (at + inFlight) % conversations) {
      await commits[at]!()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, first) => sender(first)))
  const spent = process.cpuUsage(before)
  return {
    perSecond: (done / (performance.now() - startedMs)) * 1000,
    nodeUs: (spent.user + spent.system) / done
  }
}

async function inDirectory<T>(run: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-embedded-'))
  try {
    return await run(path)
  } finally {
    rmSync(path, { recursive: true })
  }
}
