import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The rows of the table: number and spec files. */
function rows(): readonly { readonly bug: string; readonly files: readonly string[] }[] {
  const lines = readFileSync('docs/bug-classes.md', 'utf8').split('\n')
  return lines
    .filter(line => /^\| B\d/.test(line))
    .map(line => ({
      bug: /^\| (B\d+) \|/.exec(line)?.[1] ?? '',
      files: [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => join('docs', path))
    }))
}

describe('the table of bug classes', () => {
  it('has each of the 47, in order, with a spec', () => {
    const bugs = Array.from({ length: 47 }, (_, index) => `B${index + 1}`)
    assert.deepEqual(
      rows().map(({ bug }) => bug),
      bugs
    )
    assert.ok(rows().every(({ files }) => files.length > 0))
  })

  it('names specs that bear the number in a title', () => {
    const missing = rows().flatMap(({ bug, files }) =>
      files.filter(file => !existsSync(file) || !bears(file, bug)).map(file => `${bug} ${file}`)
    )
    assert.deepEqual(missing, [])
  })
})

/** A title bears it in front, as `B3: ...`, or at its end, as `... (B3)`. */
function bears(file: string, bug: string): boolean {
  return new RegExp(`\\b${bug}\\b[^'\`]*[:)]`).test(readFileSync(file, 'utf8'))
}
