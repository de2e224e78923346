import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshSeed } from './fresh-seed.ts'

describe('the seed that a tree is tried with', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-tree-'))
    mkdirSync(join(folder, 'lib', 'deep'), { recursive: true })
    write('deep/a.ts', 'one')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (name: string, text: string): void => writeFileSync(join(folder, 'lib', name), text)
  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid']
    const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: folder })
    assert.equal(status, 0, String(stderr))
  }

  it('is the same for the same sources, and another for others', () => {
    const first = freshSeed(folder)
    assert.equal(freshSeed(folder), first)
    assert.ok(Number.isSafeInteger(first) && first >= 1_000_000 && first < 2_000_000_000)

    write('deep/a.ts', 'two')
    const second = freshSeed(folder)
    write('b.ts', '')

    assert.equal(new Set([first, second, freshSeed(folder)]).size, 3)
  })

  it('goes by what is committed where there is git, and by nothing else', () => {
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'one')
    const first = freshSeed(folder)
    git('commit', '-q', '--allow-empty', '-m', 'two')
    assert.equal(freshSeed(folder), first)

    writeFileSync(join(folder, 'README.md'), 'text')
    git('add', '.')
    git('commit', '-qm', 'three')

    assert.notEqual(freshSeed(folder), first)
  })
})
