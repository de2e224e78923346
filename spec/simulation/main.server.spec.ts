import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loaderOf, sourceOf } from '../support/child-program.ts'

describe('make sim', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-sim-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('replays a seed, keeps its log, and checks a log that was kept', () => {
    const log = join(folder, 'log.jsonl')

    const replayed = sim('--seed', '3', '--log', log)
    const checked = sim('--check', log)
    const again = sim('--seed', '3')

    assert.deepEqual([replayed.status, checked.status, again.status], [0, 0, 0])
    assert.match(checked.stdout, /\d+ lines, \d conversations, \d+ commits/)
    assert.equal(replayed.stdout, again.stdout)
  })

  it('says one line and 2 for what it cannot use', () => {
    const other = join(folder, 'other.jsonl')
    sim('--seed', '3', '--log', other)
    writeFileSync(other, readFileSync(other, 'utf8').replace('"layout":1', '"layout":9'))

    for (const [args, why] of [
      [['--sed', '3'], /there is no option --sed/],
      [['--bot', 'nowhere.ts'], /there is no file nowhere\.ts/],
      [['--check', join(folder, 'nowhere')], /there is no file/],
      [['--seed', '3', '--log', join(folder, 'no', 'log')], /the log cannot be kept in .*: ENOENT/],
      [['--check', other], /layout 9 in line \d+; this version reads layout 1/]
    ] as const) {
      const { status, stderr } = sim(...args)

      assert.equal(status, 2)
      assert.match(stderr, why)
      assert.equal(stderr.trimEnd().split('\n').length, 1)
    }
  })
})

function sim(...args: readonly string[]) {
  const program = sourceOf('spec/simulation/main.ts')
  return spawnSync(process.execPath, [...loaderOf(program), program, ...args], { encoding: 'utf8' })
}
