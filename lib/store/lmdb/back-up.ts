import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fail } from '../../kernel/failure.ts'
import { dataFileOf } from './data-file.ts'
import { made, openedDatabase } from './database.ts'

/**
 * Copies an embedded store, whole and without free pages, while processes use it.
 *
 * The copy is one state of the store, as a commit left it, and every page of it is read again
 * before this resolves, to the bytes it takes. Fails with CHP_SETTING_INVALID when there is no
 * store at `path` or one at `to` already, and with CHP_STORE_DAMAGED for a damaged file.
 *
 * @example
 * await backUpLmdb('./data', './backup/monday')
 */
export async function backUpLmdb(path: string, to: string): Promise<number> {
  const [from, target] = [resolve(path), resolve(to)]
  if (!existsSync(dataFileOf(from))) fail('CHP_SETTING_INVALID', `There is no store in ${path}.`)
  if (existsSync(dataFileOf(target))) {
    fail('CHP_SETTING_INVALID', `There is a store in ${to} already.`)
  }
  const { database } = await openedDatabase(path)
  try {
    made(target)
    await database.backup(target, true)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    fail('CHP_SETTING_INVALID', `The backup could not be written to ${to}: ${why}.`, error)
  } finally {
    await database.close()
  }
  const { database: copy } = await openedDatabase(to)
  await copy.close()
  return statSync(dataFileOf(target)).size
}
