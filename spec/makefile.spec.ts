import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

describe('make setup', () => {
  let path: string
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-make-'))
    copyFileSync('Makefile', join(path, 'Makefile'))
    writeFileSync(join(path, 'package-lock.json'), '{}')
    // What `npm ci` does first, through a link as well.
    mkdirSync(join(path, 'bin'))
    const npm = join(path, 'bin', 'npm')
    writeFileSync(npm, '#!/bin/sh\nmkdir -p node_modules\nrm -rf node_modules/*\ntouch called\n')
    chmodSync(npm, 0o755)
  })
  afterEach(() => rmSync(path, { recursive: true, force: true }))

  const setup = (): { readonly status: number | null; readonly said: string } => {
    const PATH = `${join(path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`
    const env = { ...process.env, PATH, MAKEFLAGS: '' }
    const { status, stderr } = spawnSync('make', ['setup'], { cwd: path, env, encoding: 'utf8' })
    return { status, said: stderr }
  }

  it('installs where nothing is installed, and once', () => {
    assert.equal(setup().status, 0)
    assert.ok(existsSync(join(path, 'called')))
    rmSync(join(path, 'called'))

    assert.equal(setup().status, 0)
    assert.ok(!existsSync(join(path, 'called')))
  })

  it('leaves alone what a symbolic link leads to', () => {
    const elsewhere = join(path, 'elsewhere')
    mkdirSync(join(elsewhere, 'a-package'), { recursive: true })
    symlinkSync(elsewhere, join(path, 'node_modules'))

    const { status, said } = setup()

    assert.notEqual(status, 0)
    assert.match(said, /node_modules is a symbolic link/)
    assert.deepEqual(readdirSync(elsewhere), ['a-package'])
  })
})
