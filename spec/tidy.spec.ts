import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { type Stray, strayCode } from './support/tidy.ts'
import { strayName, strayText } from './support/tidy-text.ts'

describe('the house', function () {
  // Every tracked file is read and parsed, on a busy machine too.
  this.timeout(60_000)

  const files = trackedFiles()
  const text = (path: string): string => readFileSync(path, 'utf8')

  it('has sources to look at', () => {
    assert.ok(files.some(path => path.startsWith('lib/') && path.endsWith('.ts')))
  })

  it('keeps lines, files and paths as agreed', () => {
    nothing(files.flatMap(path => strayText(path, text(path))))
  })

  it('names files for what they hold', () => {
    nothing(files.flatMap(strayName))
  })

  it('keeps banned words, long functions, swallowed errors and stray sends out', () => {
    const sources = files.filter(path => /^(lib|spec|examples|bench)\/.*\.ts$/.test(path))
    nothing(sources.flatMap(path => strayCode(path, text(path))))
  })
})

describe('a planted breach is named', () => {
  const lines = (count: number): string => 'void 0\n'.repeat(count)
  const code: readonly (readonly [string, string, string])[] = [
    ['an empty catch', 'lib/runtime/a.ts', 'try { f() } catch {}'],
    ['a commented catch', 'lib/runtime/a.ts', 'try { f() } catch {\n// fine\n}'],
    ['an unused error', 'lib/runtime/a.ts', 'try { f() } catch (error) { g() }'],
    ['a catch that only leaves', 'lib/runtime/a.ts', 'try { f() } catch { return null }'],
    ['a rejection dropped', 'lib/runtime/a.ts', 'f().catch(() => {})'],
    ['a rejection turned into nothing', 'lib/runtime/a.ts', 'f().then(g, () => undefined)'],
    ['an error event dropped', 'lib/runtime/a.ts', "socket.on('error', () => {})"],
    ['a send outside the outbox', 'lib/runtime/a.ts', 'await channel.send(reply)'],
    ['a clock of its own', 'lib/runtime/a.ts', 'const now = Date.now()'],
    ['a date of now', 'lib/runtime/a.ts', 'const now = new Date()'],
    ['a timer of its own', 'lib/runtime/a.ts', 'setTimeout(f, 5)'],
    ['a timer handed on', 'lib/runtime/a.ts', 'const parts = { setTimeout }'],
    [
      'a timer by another name',
      'lib/runtime/a.ts',
      "import { setTimeout } from 'node:timers/promises'"
    ],
    ['a random source of its own', 'lib/flow/a.ts', 'Math.random()'],
    ['a console', 'lib/flow/a.ts', "console.log('x')"],
    ['a setting of its own', 'lib/flow/a.ts', "process.env['X']"],
    ['an any', 'lib/flow/a.ts', 'const x = y as any'],
    ['a function too long', 'lib/flow/a.ts', `function f() {\n${lines(60)}}`],
    ['a focused spec', 'spec/a.spec.ts', `it${'.only'}('x', () => {})`],
    ['a skipped spec', 'spec/a.spec.ts', `describe${'.skip'}('x', () => {})`]
  ]
  for (const [what, path, text] of code)
    it(`${what}, with its file`, () => {
      const found = strayCode(path, text)
      assert.equal(found.length, 1)
      assert.match(found[0] ?? '', new RegExp(`^${path}:\\d+ `))
    })

  it('a line, a file, a note, a path and a name, each with its file', () => {
    assert.equal(strayText('lib/flow/a.ts', `// ${'x'.repeat(100)}`).length, 1)
    assert.equal(strayText('lib/flow/a.ts', lines(301)).length, 1)
    assert.equal(strayText('lib/store/redis/a.lua', lines(141)).length, 1)
    assert.equal(strayText('lib/flow/a.ts', '// TODO').length, 1)
    assert.equal(strayText('docs/a.md', `see ${['', 'root', 'x'].join('/')}`).length, 1)
    assert.equal(strayName('lib/flow/utils.ts').length, 1)
    assert.equal(strayName('lib/common/flow.ts').length, 1)
    assert.equal(strayName('lib/flow/defineFlow.ts').length, 1)
  })
})

describe('what is allowed is let through', () => {
  const code: readonly (readonly [string, string, string])[] = [
    [
      'a caught error that is returned',
      'lib/store/a.ts',
      'try { f() } catch (e) { return bad(e) }'
    ],
    [
      'a refusal made from a throw',
      'lib/store/a.ts',
      "try { f() } catch { return left('not JSON') }"
    ],
    ['a send of the outbox', 'lib/outbox/a.ts', 'await channel.send(reply)'],
    ['the system clock', 'lib/kernel/clock.ts', 'const now = () => Date.now()'],
    ['a date of a given time', 'lib/flow/a.ts', 'new Date(nowMs).toISOString()'],
    ['a timer of the given clock', 'lib/flow/a.ts', 'clock.setTimeout(f, 5)'],
    [
      'a word in a comment or a string',
      'lib/flow/a.ts',
      "// Date.now()\nconst a = 'Math.random()'"
    ],
    ['a function of sixty lines', 'lib/flow/a.ts', `function f() {\n${'void 0\n'.repeat(58)}}`]
  ]
  for (const [what, path, text] of code)
    it(what, () => {
      assert.deepEqual(strayCode(path, text), [])
    })

  it('a file of three hundred lines', () => {
    assert.deepEqual(strayText('lib/flow/a.ts', 'void 0\n'.repeat(300)), [])
  })
})

function nothing(found: readonly Stray[]): void {
  assert.ok(found.length === 0, `\n${found.join('\n')}\n`)
}

/** What git tracks or would track: a file not yet committed is held to the same rules. */
function trackedFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    encoding: 'utf8'
  })
  return [...new Set(listed.split('\0'))].filter(
    path =>
      path !== '' && existsSync(path) && lstatSync(path).isFile() && !/\.(png|jpg|ico)$/.test(path)
  )
}
