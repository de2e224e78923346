import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { fail } from '../../kernel/failure.ts'
import { dataFileOf, headerDamage, snapshotsIn } from './data-file.ts'
import { damageOfSnapshot } from './page-walk.ts'

export type Database = RootDatabase<string, string>

const FILES = ['data.mdb', 'lock.mdb'] as const
const PROBE_BYTES = 65_536

/** A database whose every page was found sound. */
export interface OpenedDatabase {
  readonly database: Database
  /** The number by which its file system knows the file. */
  readonly number: number
  /** Sentences for the log: what a damaged file cost. */
  readonly warnings: readonly string[]
}

/**
 * Opens the database in a directory, which is made when it is missing.
 *
 * A file whose newest commit is damaged opens at the one before, with a warning. Fails with
 * CHP_SETTING_INVALID for a path that cannot be used and with CHP_STORE_DAMAGED for a file that is
 * damaged otherwise; the file is left as it is.
 */
export async function openedDatabase(path: string): Promise<OpenedDatabase> {
  const directory = resolve(path)
  prepare(path, directory)
  const header = headerDamage(directory)
  if (header !== null) return refuse(path, header)
  const file = dataFileOf(directory)
  const known = numberOf(file)
  const database = openedAt(path, directory, 'newest')
  const number = numberOf(file)!
  if (known !== null && known !== number) {
    await database.close()
    return fail('CHP_STORE_REFUSED', `The file data.mdb in ${path} was just replaced: start again.`)
  }
  const damage = damageOf(database, directory)
  if (damage === null) return { database, number, warnings: [] }
  await database.close()
  if (isBeforeWhole(directory)) {
    const before = openedAt(path, directory, 'before')
    const isWhole = damageOf(before, directory) === null
    if (isWhole) return { database: before, number, warnings: [lost(damage)] }
    await before.close()
  }
  return refuse(path, damage)
}

function numberOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null
}

function prepare(path: string, directory: string): void {
  try {
    made(directory)
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    // The library ends the process when it cannot open or make its files: try before it does.
    for (const name of FILES) tried(join(directory, name))
  } catch (error) {
    unusable(path, error)
  }
}

// The library ignores that the commit before is asked for while another process has the file open.
function openedAt(path: string, directory: string, commit: 'newest' | 'before'): Database {
  try {
    const options = {
      path: directory,
      noSubdir: false,
      encoding: 'string',
      // Visible only when it is on disk: nobody acts on what a power cut could take back.
      overlappingSync: false,
      usePreviousSnapshot: commit === 'before'
    } as const
    return open<string, string>(options)
  } catch (error) {
    return unusable(path, error)
  }
}

function damageOf(database: Database, directory: string): string | null {
  // While this read lasts, nobody writes over a page of the state it sees, or of a newer one.
  const reading = database.useReadTransaction()
  const file = openSync(dataFileOf(directory), 'r')
  try {
    const seen = Number(Reflect.get(database.getStats(), 'lastTxnId'))
    const [newer, older] = snapshotsIn(file)
    return damageOfSnapshot(file, seen < newer.txn && seen === older.txn ? older : newer)
  } finally {
    closeSync(file)
    reading.done()
  }
}

// To open the commit before is to write its header over the newer one: never on a mere guess.
function isBeforeWhole(directory: string): boolean {
  const file = openSync(dataFileOf(directory), 'r')
  try {
    return damageOfSnapshot(file, snapshotsIn(file)[1]) === null
  } finally {
    closeSync(file)
  }
}

function lost(damage: string): string {
  return (
    `The last commit in the store's data.mdb is damaged (${damage}): the store was opened at the ` +
    'one before it, and what was in the last is lost.'
  )
}

function refuse(path: string, damage: string): never {
  return fail('CHP_STORE_DAMAGED', `The file data.mdb in ${path} is damaged: ${damage}.`)
}

function unusable(path: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error)
  return fail('CHP_SETTING_INVALID', `The store path ${path} cannot be used: ${why}.`, error)
}

function tried(file: string): void {
  if (existsSync(file)) {
    accessSync(file, constants.R_OK | constants.W_OK)
    if (!statSync(file).isFile()) throw new Error(`${file} is not a file`)
    return
  }
  const probe = `${file}.${process.pid}.probe`
  try {
    writeFileSync(probe, Buffer.alloc(PROBE_BYTES))
  } finally {
    rmSync(probe, { force: true })
  }
}

/** Makes a directory for its owner alone, unless it is there. */
// The recursive mkdir of Node never returns where a file system refuses new directories.
export function made(directory: string): void {
  if (existsSync(directory)) {
    if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`)
    return
  }
  made(dirname(directory))
  mkdirSync(directory, { mode: 0o700 })
}
