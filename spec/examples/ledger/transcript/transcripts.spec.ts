import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aCase, after, begun } from './a-case.ts'

const here = import.meta.url
const script = fileURLToPath(
  new URL(`../../../../examples/ledger/transcripts${here.slice(here.lastIndexOf('.'))}`, here)
)

describe('the command that plays a folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-spec-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const run = (...args: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, script, ...args], {
      encoding: 'utf8'
    })
    return { status, lines: stdout.trimEnd().split('\n') }
  }
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

  it('says one line for a case that holds, and ends with 0', () => {
    write('one.json', JSON.stringify(aCase(begun)))
    assert.deepEqual(run('--store', 'lmdb', folder), { status: 0, lines: ['ok    a case  (lmdb)'] })
  })

  it('names every miss and every file that is no transcript, and ends with 1', () => {
    const wrong = [[begun[0]![0], after('MENU', 'ledger', 'balance')]] as const
    write('one.json', JSON.stringify(aCase(wrong)))
    write('two.json', '{ "name": 1 }')
    const { status, lines } = run('--store', 'lmdb', folder)
    assert.equal(status, 1)
    assert.deepEqual(lines.slice(0, 5), [
      'MISS  a case  (lmdb)',
      '      m1 (messages.0): step',
      '        expected  ledger',
      '        seen      dashboard',
      'MISS  two.json  (lmdb)'
    ])
  })

  it('ends with 1 when there is no case, and with 2 when it is not asked right', () => {
    assert.equal(run('--store', 'lmdb', folder).status, 1)
    assert.equal(run('--store', 'disk', folder).status, 2)
    assert.equal(run().status, 2)
  })
})
