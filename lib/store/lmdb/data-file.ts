import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

// LMDB keeps two copies of its roots, one a page, and writes them in turn. The library ends the
// process when it meets a file that is no database, so we look before it does.
const MAGIC = 0xbeefc0de
const VERSION = 2
const NO_PAGE = 0xffff_ffff_ffff_ffffn
const AT = { magic: 24, version: 28, pageBytes: 48, freeRoot: 88, mainRoot: 136, txn: 152 } as const
const HEADER_BYTES = 160
const PAGE_BYTES_MOST = 65_536

/** What is wrong with the data file in this directory, in a few words, or null. */
export function damageOf(directory: string): string | null {
  const file = dataFile(directory)
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
  const pageBytes = first.readUInt32LE(AT.pageBytes)
  if (!isHeader(first) || pageBytes < 256 || pageBytes > PAGE_BYTES_MOST) {
    return 'it does not begin as one of ours'
  }
  const second = headerAt(file, pageBytes)
  if (!isHeader(second)) return 'the copy of its header is gone'
  const [one, other] = [first.readBigUInt64LE(AT.txn), second.readBigUInt64LE(AT.txn)]
  const newest = one > other ? first : second
  const pages = BigInt(Math.floor(size / pageBytes))
  const roots = [AT.freeRoot, AT.mainRoot].map(at => newest.readBigUInt64LE(at))
  return roots.every(root => root === NO_PAGE || root < pages) ? null : 'its end is cut off'
}

function isHeader(header: Buffer): boolean {
  return header.readUInt32LE(AT.magic) === MAGIC && header.readUInt32LE(AT.version) === VERSION
}

function headerAt(file: number, position: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  readSync(file, header, 0, HEADER_BYTES, position)
  return header
}

function dataFile(directory: string): number | null {
  try {
    return openSync(join(directory, 'data.mdb'), 'r')
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null
    throw error
  }
}
