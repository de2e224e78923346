import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ChaperoneError, fail } from '../../kernel/failure.ts'
import { dataFileOf } from './data-file.ts'
import { type Database, made, openedDatabase } from './database.ts'

/**
 * Writes the file of an embedded store anew, without what was erased or written over, to the bytes
 * it takes now.
 *
 * Every process must have closed the store, this one too: LMDB leaves old bytes in free pages, in
 * the unused parts of others and in the memory of whoever writes. Fails with CHP_SETTING_INVALID
 * when there is no store at `path`, with CHP_STORE_REFUSED while another process has it open or
 * the disk has no room for a second file, and with CHP_STORE_DAMAGED; the file is as before then.
 *
 * @example
 * await compactLmdb('./data')
 */
export async function compactLmdb(path: string): Promise<number> {
  const directory = resolve(path)
  const file = dataFileOf(directory)
  if (!existsSync(file)) fail('CHP_SETTING_INVALID', `There is no store in ${path}.`)
  const { database } = await openedDatabase(path)
  const copy = join(directory, 'compacting')
  try {
    // Whoever opens the store meanwhile waits for this transaction with the first that it writes,
    // and then finds that the file is another one.
    await database.transaction(() => swapped(database, directory, copy))
  } catch (error) {
    if (error instanceof ChaperoneError) throw error
    const why = error instanceof Error ? error.message : String(error)
    fail('CHP_STORE_REFUSED', `The store in ${path} could not be written anew: ${why}.`, error)
  } finally {
    await database.close()
    rmSync(copy, { recursive: true, force: true })
  }
  return statSync(file).size
}

async function swapped(database: Database, directory: string, copy: string): Promise<void> {
  const others = othersIn(database)
  if (others.length > 0) {
    const which = others.join(', ')
    fail(
      'CHP_STORE_REFUSED',
      `The store is open: stop the process ${which} before it is compacted.`
    )
  }
  rmSync(copy, { recursive: true, force: true })
  made(copy)
  await database.backup(copy, true)
  const { database: whole } = await openedDatabase(copy)
  await whole.close()
  flushed(dataFileOf(copy))
  // The lock file counts the transactions of the file that goes: the next one begins anew.
  rmSync(join(directory, 'lock.mdb'))
  renameSync(dataFileOf(copy), dataFileOf(directory))
  flushed(directory)
}

/** Processes that have the store open, by the table of its readers: every one of ours has read. */
function othersIn(database: Database): number[] {
  database.readerCheck()
  const lines = database.readerList().split('\n')
  const pids = lines.flatMap(line => /^\s*(\d+)\s/.exec(line)?.[1] ?? []).map(Number)
  return Array.from(new Set(pids)).filter(pid => pid !== process.pid)
}

function flushed(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
