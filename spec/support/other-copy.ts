import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { sourceOf } from './child-program.ts'

/**
 * A second copy of the package in a directory of its own, with these files of the repository and
 * the packages of this one; gives the directory.
 */
export function otherCopy(files: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'chaperone-copy-'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'))
  cpSync(dirname(sourceOf('lib/index.ts')), join(directory, 'lib'), { recursive: true })
  for (const file of files) {
    const from = sourceOf(file)
    const to = join(directory, from.endsWith('.js') ? file.replace(/\.ts$/, '.js') : file)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(from, to)
  }
  return directory
}
