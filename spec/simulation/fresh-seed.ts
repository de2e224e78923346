import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const LEAST = 1_000_000
const MOST = 2_000_000_000

/**
 * The first of the seeds that a commit is tried with: another for every commit, and the same
 * whenever the same is tried again.
 *
 * Known by the tree of git, so what is not committed yet meets the seeds of the commit before;
 * where there is no tree, by the sources of `lib` as they stand.
 */
export function freshSeed(folder = process.cwd()): number {
  return seedOf(treeIn(folder) ?? sourcesIn(join(folder, 'lib')))
}

function treeIn(folder: string): string | null {
  // A folder inside of somebody's repository is no repository.
  const { status, stdout } = spawnSync('git', ['--git-dir', '.git', 'rev-parse', 'HEAD^{tree}'], {
    cwd: folder,
    encoding: 'utf8'
  })
  return status === 0 ? stdout.trim() : null
}

function sourcesIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(file => file.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file))
  return hash.digest('hex')
}

function seedOf(content: string): number {
  const drawn = createHash('sha256').update(content).digest().readUInt32BE()
  return LEAST + (drawn % (MOST - LEAST))
}
