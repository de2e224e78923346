import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

// LMDB keeps two copies of its roots, one a page, and writes them in turn: each is what one commit
// left, and the older stays whole until the one after the newest is made.
const MAGIC = 0xbeefc0de
const VERSION = 2
const AT = {
  magic: 24,
  version: 28,
  mapBytes: 40,
  pageBytes: 48,
  free: 48,
  main: 96,
  last: 144,
  txn: 152
} as const
const TREE = { depth: 6, entries: 32, root: 40 } as const
const HEADER_BYTES = 160
const PAGE_BYTES_MOST = 65_536
const NO_PAGE = 2 ** 64
// A file that is full of holes may be shorter than its header says, but not by everything.
const LARGER_AT_MOST = 64
const SMALL_BYTES = 2 ** 30
// Nobody commits so often that a hundred reads all meet a commit.
const READS_MOST = 100

/** A tree of pages; `root` is null when it holds nothing. */
export interface PageTree {
  readonly root: number | null
  readonly depth: number
  readonly entries: number
}

/** What one commit left in the file. */
export interface Snapshot {
  /** Number of the transaction that made it. */
  readonly txn: number
  readonly pageBytes: number
  readonly mapBytes: number
  readonly lastPage: number
  readonly main: PageTree
  /** Pages that are free, by the transaction that freed them. */
  readonly free: PageTree
}

/** The path of the data file in a directory of LMDB. */
export function dataFileOf(directory: string): string {
  return join(directory, 'data.mdb')
}

/**
 * What is wrong with the headers of the data file in this directory, in a few words, or null.
 *
 * The library ends the process when it cannot open a file: look before it does.
 */
export function headerDamage(directory: string): string | null {
  const file = opened(dataFileOf(directory))
  if (file === null) return null
  try {
    const { size } = fstatSync(file)
    return size === 0 ? null : damageIn(file, size)
  } finally {
    closeSync(file)
  }
}

function damageIn(file: number, size: number): string | null {
  const first = headerAt(file, 0)
  if (!isHeader(first)) return 'it does not begin as one of ours'
  const pageBytes = first.readUInt32LE(AT.pageBytes)
  if (!isHeader(headerAt(file, pageBytes))) return 'the copy of its header is gone'
  if (size < 2 * pageBytes) return 'its end is cut off'
  const both = snapshotsIn(file)
  const [newer, older] = both
  // A file that was copied page by page begins with one commit and nothing before it.
  const isApart = newer.txn - older.txn > 1 && older.txn !== 0
  if (newer.pageBytes !== older.pageBytes || isApart) {
    return 'its headers do not belong together'
  }
  const most = Math.max(SMALL_BYTES, size * LARGER_AT_MOST)
  const isLikely = ({ mapBytes, lastPage }: Snapshot): boolean =>
    mapBytes <= most && lastPage * pageBytes <= most
  return both.every(isLikely) ? null : 'its header names an impossible size'
}

/** The two states the file holds, the newer first. */
export function snapshotsIn(file: number): readonly [newer: Snapshot, older: Snapshot] {
  const [first, second] = headersIn(file)
  return first.txn > second.txn ? [first, second] : [second, first]
}

/**
 * Both headers as they stood at one time: another process may commit between two reads. It writes
 * them in turn, so while the first stays as it is the second belongs to it.
 */
function headersIn(file: number, triesLeft = READS_MOST): readonly [Snapshot, Snapshot] {
  const first = snapshotOf(headerAt(file, 0))
  const second = snapshotOf(headerAt(file, first.pageBytes))
  const isStill = snapshotOf(headerAt(file, 0)).txn === first.txn
  return isStill || triesLeft === 0 ? [first, second] : headersIn(file, triesLeft - 1)
}

/** A number of 8 bytes; one that is beyond what is exact is beyond every page, too. */
export function longAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

function isHeader(header: Buffer): boolean {
  const pageBytes = header.readUInt32LE(AT.pageBytes)
  return (
    header.readUInt32LE(AT.magic) === MAGIC &&
    header.readUInt32LE(AT.version) === VERSION &&
    pageBytes >= 256 &&
    pageBytes <= PAGE_BYTES_MOST
  )
}

function snapshotOf(header: Buffer): Snapshot {
  return {
    txn: longAt(header, AT.txn),
    pageBytes: header.readUInt32LE(AT.pageBytes),
    mapBytes: longAt(header, AT.mapBytes),
    lastPage: longAt(header, AT.last),
    main: treeAt(header, AT.main),
    free: treeAt(header, AT.free)
  }
}

function treeAt(header: Buffer, at: number): PageTree {
  const root = longAt(header, at + TREE.root)
  return {
    root: root === NO_PAGE ? null : root,
    depth: header.readUInt16LE(at + TREE.depth),
    entries: longAt(header, at + TREE.entries)
  }
}

function headerAt(file: number, position: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  readSync(file, header, 0, HEADER_BYTES, position)
  return header
}

function opened(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null
    throw error
  }
}
