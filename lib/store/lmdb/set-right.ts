import { openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'

// In the file of locks: a magic number and a form of four bytes each, then the newest transaction.
const LOCK_FILE = 'lock.mdb'
const NEWEST_AT = 8

/** Open for as long as the process lives: to close one would give up the locks of the library. */
const lockFiles = new Map<string, number>()

/**
 * Sets right, inside a transaction, which commit is the newest; true when it was not.
 *
 * A process that opens the file tells all others which commit it found to be the newest, though
 * another may have been made meanwhile (lmdb 3.5.6, mdb_env_open2): the next transaction would
 * begin at the one before, and what was acknowledged since would be lost. Nothing may be written
 * in this transaction then; the next one begins where it should.
 */
export function setRight(database: Database, directory: string): boolean {
  const newest = Number(Reflect.get(database.getStats(), 'lastTxnId'))
  if (database.getWriteTxnId() > newest) return false
  const file = lockFiles.get(directory) ?? openSync(join(directory, LOCK_FILE), 'r+')
  lockFiles.set(directory, file)
  const bytes = Buffer.alloc(8)
  readSync(file, bytes, 0, bytes.length, NEWEST_AT)
  const told = Number(bytes.readBigUInt64LE())
  if (told === newest) return true
  // Another layout, of another system or version, is left as it is: then nothing is written at all.
  if (told !== database.getWriteTxnId() - 1) throw new Error(`${LOCK_FILE} is not as it is known`)
  bytes.writeBigUInt64LE(BigInt(newest))
  writeSync(file, bytes, 0, bytes.length, NEWEST_AT)
  return true
}
