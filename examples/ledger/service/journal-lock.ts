import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'ledger.lock'

/** Another living process runs the ledger of this directory. */
export class DirectoryHeld extends Error {
  override readonly name = 'DirectoryHeld'
}

/**
 * Keeps two processes from writing one journal; answers how to give the directory back.
 *
 * The lock is a file that names its process, so one left by a kill -9 is seen as such and taken
 * over. Rejects while the process that it names is alive.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, FILE)
  const own = await nameOf(process.pid)
  const unlock = () => rm(path, { force: true })
  if (await create(path, own)) return unlock

  const holder = await readFile(path, 'utf8').catch(() => '')
  const pid = Number(holder.split(' ')[0])
  if (isAlive(pid) && (await nameOf(pid)) === holder) {
    throw new DirectoryHeld(
      `${path}: process ${pid} runs a ledger on this directory. Stop it, use another ` +
        'DATA_DIR, or point LEDGER_URL at it.'
    )
  }
  await rm(path, { force: true })
  if (await create(path, own)) return unlock
  throw new Error(`${path}: another process took the directory at the same moment.`)
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw cause
  }
}

/** A process id with its start time where the system tells it (Linux): ids are used again. */
async function nameOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fieldsAfterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return `${pid} ${fieldsAfterName[19] ?? ''}`
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return codeOf(cause) === 'EPERM'
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
